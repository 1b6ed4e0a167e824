import assert from 'node:assert/strict';
import test from 'node:test';

import { dialogModule, setDocument, skip } from './dom.js';

setDocument('');
const { record } = await dialogModule('decisions');

/** Answers every request, and returns what was recorded. */
function recorded({ status = 200 } = {}) {
  const requests = [];
  globalThis.fetch = async (url, { body }) => {
    requests.push([`${url}`.split('/').at(-2), JSON.parse(body).decision]);
    return new Response('{"id": "a", "code": "no", "message": ""}', { status });
  };
  return requests;
}

test('one text is used, the others were not', { skip }, async () => {
  const requests = recorded();
  const others = [{ id: 'b' }, { id: 'c' }];
  const run = await record({ id: 'a' }, 'accepted', {}, others);
  assert.equal(run.id, 'a');
  assert.deepEqual(requests, [
    ['a', 'accepted'],
    ['b', 'rejected'],
    ['c', 'rejected'],
  ]);
});

for (const [name, text, decision] of [
  ['used before', { decision: 'accepted' }, 'accepted'],
  ['rejected before', { decision: 'rejected' }, 'rejected'],
  ['what did not fit', { isUnfit: true }, 'rejected'],
  ['what stood there before', { isOld: true }, 'rejected'],
])
  test(`nothing is recorded of ${name}`, { skip }, async () => {
    const requests = recorded();
    assert.equal(await record({ id: 'a', ...text }, decision, {}, []), null);
    assert.deepEqual(requests, []);
  });

test('what stood there before is recorded as restored', { skip }, async () => {
  const requests = [];
  globalThis.fetch = async (url) => {
    requests.push(`${url}`.split('/').slice(-2).join('/'));
    return new Response('{}', { status: 200 });
  };
  const old = { id: 'a', decision: 'old', isOld: true };
  assert.equal(await record(old, 'accepted', {}, []), null);
  assert.deepEqual(requests, ['a/restored']);
});

test('a text that was rejected can be used after all', { skip }, async () => {
  const requests = recorded();
  await record({ id: 'a', decision: 'rejected' }, 'edited', {}, []);
  assert.deepEqual(requests, [['a', 'edited']]);
});

test(
  'what cannot be recorded is an error, and the others are still rejected',
  { skip },
  async () => {
    const requests = recorded({ status: 409 });
    const recording = record({ id: 'a' }, 'accepted', {}, [{ id: 'b' }]);
    await assert.rejects(recording, { code: 'no' });
    assert.deepEqual(requests.at(-1), ['b', 'rejected']);
  },
);
