import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLines } from '../../wagtail_llm_actions/static/wagtail_llm_actions/js/ndjson.js';

const bytes = new TextEncoder().encode(
  '{"type":"started"}\n\n\n{"type":"delta","text":"Zoë 🐦"}\n{"n":1}',
);

async function read(...chunks) {
  const values = [];
  for await (const value of readLines(ReadableStream.from(chunks)))
    values.push(value);
  return values;
}

const ALL = [{ type: 'started' }, { type: 'delta', text: 'Zoë 🐦' }, { n: 1 }];

test('lines arrive as values, blank ones are skipped, the last needs no end', async () => {
  assert.deepEqual(await read(bytes), ALL);
});

test('a line may be cut anywhere, also within a character', async () => {
  for (let cut = 1; cut < bytes.length; cut += 1) {
    assert.deepEqual(await read(bytes.slice(0, cut), bytes.slice(cut)), ALL);
  }
});

test('a value is there before the stream ends', async () => {
  let finish;
  const stream = new ReadableStream({
    start(controller) {
      controller.enqueue(bytes);
      finish = () => controller.close();
    },
  });
  const lines = readLines(stream);
  assert.deepEqual((await lines.next()).value, { type: 'started' });
  finish();
});

test('half a line at the end is an error', async () => {
  await assert.rejects(read(bytes.slice(0, 30)), SyntaxError);
});
