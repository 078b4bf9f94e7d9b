#!/usr/bin/env bash
# A llama.cpp server with one slot, and two chats that are asked for with `"stream": true`. The second has to wait
# until the first is done, as work in a queue does.
#
# Surprise: it waits without an answer, not even a head with a status; /health says ok all the time. To a client the
# wait looks like a dead server: with a limit on silence (which is right for an answer that has begun) it gives up, asks
# again, and is the last in the queue. Silence before the head needs a limit of its own, as long as everybody else's
# answers together, or the client must ask for no more at a time than there are slots.
#
# Versions: xllamacpp 2026.10.11549 (llama.cpp's server as a package), with a model of random weights that is made
# here. Seen: 2026-11-30. Loopback only. Fails when the waiting client gets a head before its turn.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
timeout 900 python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --no-compile --target "$folder/packages" \
    xllamacpp==2026.10.11549 gguf==0.19.0 numpy==2.4.6
cd "$folder"
PYTHONPATH=packages nice timeout 180 python3 - 2>server.log <<'PYTHON' || { tail -n 20 server.log; exit 1; }
import http.client, json, os, sys, threading, time
import gguf, numpy, xllamacpp

# A llama of two layers: 256 bytes as its tokens, behind the three that control.
WIDTH, HEADS, LAYERS, TOKENS, CONTEXT = 128, 4, 2, 259, 4096
writer = gguf.GGUFWriter("random.gguf", "llama")
writer.add_context_length(CONTEXT)
writer.add_embedding_length(WIDTH)
writer.add_block_count(LAYERS)
writer.add_feed_forward_length(2 * WIDTH)
writer.add_head_count(HEADS)
writer.add_head_count_kv(HEADS)
writer.add_layer_norm_rms_eps(1e-5)
writer.add_rope_dimension_count(WIDTH // HEADS)
writer.add_vocab_size(TOKENS)
writer.add_tokenizer_model("llama")
writer.add_token_list([b"<unk>", b"<s>", b"</s>"] + [f"<0x{byte:02X}>".encode() for byte in range(256)])
writer.add_token_scores([0.0] * TOKENS)
kinds = gguf.TokenType
writer.add_token_types([kinds.UNKNOWN, kinds.CONTROL, kinds.CONTROL] + [kinds.BYTE] * 256)
writer.add_bos_token_id(1)
writer.add_eos_token_id(2)
chance = numpy.random.default_rng(7)
for name, shape in [("token_embd", (TOKENS, WIDTH)), ("output", (TOKENS, WIDTH))] + [
    (f"blk.{layer}.{part}", shape)
    for layer in range(LAYERS)
    for part, shape in (
        ("attn_q", (WIDTH, WIDTH)), ("attn_k", (WIDTH, WIDTH)), ("attn_v", (WIDTH, WIDTH)), ("attn_output", (WIDTH, WIDTH)),
        ("ffn_gate", (2 * WIDTH, WIDTH)), ("ffn_up", (2 * WIDTH, WIDTH)), ("ffn_down", (WIDTH, 2 * WIDTH)))
]:
    writer.add_tensor(f"{name}.weight", chance.standard_normal(shape, dtype=numpy.float32) * shape[1] ** -0.5)
for name in ["output_norm"] + [f"blk.{layer}.{part}_norm" for layer in range(LAYERS) for part in ("attn", "ffn")]:
    writer.add_tensor(f"{name}.weight", numpy.ones(WIDTH, dtype=numpy.float32))
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()

parameters = xllamacpp.CommonParams()
parameters.model.path = "random.gguf"
parameters.port = 0
parameters.n_ctx = CONTEXT
parameters.n_parallel = 1
parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
parameters.verbosity = -1
server = xllamacpp.Server(parameters)
host, port = server.listening_address.removeprefix("http://").split(":")


def get(path):
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    connection.request("GET", path)
    return connection.getresponse().status


class Chat(threading.Thread):
    """Notes when it asked, when the head and the first event came, and when the answer was complete."""

    head = first = end = None

    def __init__(self, tokens):
        super().__init__(daemon=True)
        # The grammar keeps the random bytes to letters: what is no UTF-8 would be held back.
        self.body = json.dumps({"prompt": "x", "n_predict": tokens, "ignore_eos": True, "grammar": "root ::= [a-z]*", "stream": True})
        self.start()

    def run(self):
        connection = http.client.HTTPConnection(host, int(port), timeout=60)
        connection.request("POST", "/completion", self.body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        self.head = time.monotonic()
        while answer.readline():
            self.first = self.first or time.monotonic()
        self.end = time.monotonic()


while get("/health") != 200:
    time.sleep(0.1)
alone = Chat(20)
alone.join()
began = time.monotonic()
long = Chat(1500)
while not long.first:
    time.sleep(0.01)
asked = time.monotonic()
waiting = Chat(20)
health = set()
while not long.end:
    health.add(get("/health"))
    time.sleep(0.1)
long.join()
waiting.join()
print(f"one slot; the first answer took {long.end - began:.1f} s")
print(f"the second, asked for {asked - began:.1f} s after it, got its head {waiting.head - asked:.1f} s and its first event "
      f"{waiting.first - asked:.1f} s after it was asked for; /health said {health} meanwhile")
took = long.end - asked
described = took > 0.3 and waiting.head - asked > 0.9 * took and health == {200}
print("as described" if described else "CHANGED")
sys.stdout.flush()
os._exit(not described)  # the server's threads go on otherwise
PYTHON
