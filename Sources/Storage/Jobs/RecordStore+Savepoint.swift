extension RecordStore {
    /// Runs a part of a transaction; if it breaks a rule of the tables, it alone is undone and the
    /// rest goes on.
    ///
    /// - Returns: what it gave, or the error that it would give at any other time as well.
    /// - Throws: `StoreError` that passes with its cause, such as a full disk; it is the whole
    ///   transaction's.
    package func savepoint<Value>(
        _ body: () throws(StoreError) -> Value
    ) throws(StoreError) -> Result<Value, StoreError> {
        do throws(StoreError) { return .success(try jobs.database.savepoint(body)) } catch {
            // Some errors have rolled the whole transaction back; then nothing is left that could
            // go on.
            guard error.isFaultOfStatement, !jobs.database.isIdle else { throw error }
            return .failure(error)
        }
    }
}
