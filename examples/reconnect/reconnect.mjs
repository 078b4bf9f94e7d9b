// The client's back-off, line by line, against a hub that is stopped and started. Node 20 has no EventSource and
// needs none: the client reads its streams with `fetch`.
//
//     examples/reconnect/build && node examples/reconnect/reconnect.mjs [http://127.0.0.1:8080]

import { SSEManager } from './dist/martlet.mjs'

const url = process.argv[2] ?? process.env.MARTLET_URL ?? 'http://127.0.0.1:8080'
const manager = new SSEManager({ url, tabs: false, maxAttempts: 5 })

const say = (words, more = '') =>
  console.log(`${new Date().toISOString().slice(11, 23)}  ${words.padEnd(11)} ${more}`)

manager.onState((state) => {
  if (state.status === 'retrying') {
    const seconds = (state.nextAt - Date.now()) / 1000
    // A mark for every quarter of a second.
    const bar = '█'.repeat(Math.ceil(seconds * 4))
    say('retrying', `try ${state.attempt} in ${seconds.toFixed(2).padStart(5)} s  ${bar}`)
  } else say(state.status, state.reason)
  if (state.status === 'closed') {
    if (state.reason === 'failed') console.log('Every 20 to 40 s it asks whether the hub is there; retry() does not wait.')
    else process.exit(state.reason === 'manual' ? 0 : 1)
  }
})
manager.subscribe('example:reconnect', (event) => say('event', `${event.id} ${JSON.stringify(event.data)}`))
process.on('SIGINT', () => manager.close())
process.on('SIGTERM', () => manager.close())
