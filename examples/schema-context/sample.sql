-- A bookshop's database, small enough to be read at a glance, for trying the page out.
CREATE TABLE publishers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT);
CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL, born_on DATE);
CREATE TABLE books (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    publisher_id INTEGER NOT NULL REFERENCES publishers (id),
    price NUMERIC NOT NULL,
    published_on DATE
);
CREATE TABLE book_authors (
    book_id INTEGER NOT NULL REFERENCES books (id),
    author_id INTEGER NOT NULL REFERENCES authors (id),
    PRIMARY KEY (book_id, author_id)
);
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT UNIQUE, joined_at TEXT NOT NULL);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    ordered_at TEXT NOT NULL,
    paid_at TEXT
);
CREATE TABLE order_lines (
    order_id INTEGER NOT NULL REFERENCES orders (id),
    book_id INTEGER NOT NULL REFERENCES books (id),
    count INTEGER NOT NULL,
    price NUMERIC NOT NULL,
    PRIMARY KEY (order_id, book_id)
);
CREATE TABLE reviews (
    id INTEGER PRIMARY KEY,
    book_id INTEGER NOT NULL REFERENCES books (id),
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    stars INTEGER NOT NULL,
    written_at TEXT NOT NULL
);
CREATE INDEX orders_by_customer ON orders (customer_id, ordered_at);
CREATE VIEW bestsellers AS
    SELECT book_id, sum(count) AS sold FROM order_lines GROUP BY book_id ORDER BY sold DESC;
INSERT INTO publishers (name, city) VALUES ('Heron Press', 'Porto');
INSERT INTO authors (name) VALUES ('A. Costa');
INSERT INTO books (title, publisher_id, price) VALUES ('Kilns of the North', 1, 24);
INSERT INTO book_authors VALUES (1, 1);
