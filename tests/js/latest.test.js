import assert from 'node:assert/strict';
import test from 'node:test';

import { byId, setDocument, skip } from './dom.js';

setDocument('');
const root = '../../wagtail_llm_actions/static/wagtail_llm_actions/js';
const { Latest } = skip ? {} : await import(`${root}/Latest.js`);
const { ApiError } = skip ? {} : await import(`${root}/api.js`);

function makeLatest() {
  setDocument('<div id="part"></div>');
  const said = [];
  const latest = new Latest(byId('part'), {
    show: (answer) => said.push(answer),
    refuse: ({ message }) => said.push(message),
  });
  return { latest, said };
}

/** A request that is answered when it is told to be. */
function held() {
  const request = {};
  request.answered = new Promise((resolve, reject) => {
    Object.assign(request, { resolve, reject });
  });
  request.fetch = (signal) => {
    request.signal = signal;
    return request.answered;
  };
  return request;
}

const isBusy = () => byId('part').getAttribute('aria-busy') === 'true';

test('the last answer counts, whichever comes last', { skip }, async () => {
  const { latest, said } = makeLatest();
  const [first, second] = [held(), held()];
  const asked = [latest.ask(first.fetch), latest.ask(second.fetch)];
  assert.ok(first.signal.aborted);
  second.resolve('second');
  first.resolve('first');
  await Promise.all(asked);
  assert.deepEqual(said, ['second']);
  assert.ok(!isBusy());
});

test(
  'what is forgotten says nothing, and nothing is busy',
  { skip },
  async () => {
    const { latest, said } = makeLatest();
    const request = held();
    const asked = latest.ask(request.fetch);
    assert.ok(isBusy());
    latest.forget();
    assert.ok(!isBusy());
    request.reject(new ApiError('Down.'));
    await asked;
    assert.deepEqual(said, []);
  },
);

test(
  'a refusal is said; another error is a mistake of ours',
  { skip },
  async () => {
    const { latest, said } = makeLatest();
    await latest.ask(() => Promise.reject(new ApiError('Down.')));
    assert.deepEqual(said, ['Down.']);
    await assert.rejects(latest.ask(() => Promise.reject(new TypeError('x'))));
    assert.ok(!isBusy());
  },
);

test('it is asked once, when the hand rests', { skip }, async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { latest, said } = makeLatest();
  latest.askSoon(async () => 'first');
  t.mock.timers.tick(300);
  latest.askSoon(async () => 'second');
  t.mock.timers.tick(300);
  assert.ok(!isBusy());
  t.mock.timers.tick(100);
  await Promise.resolve();
  await Promise.resolve();
  assert.deepEqual(said, ['second']);
});
