import assert from 'node:assert/strict';
import test from 'node:test';

import {
  changesIn,
  difference,
  textWithout,
} from '../../wagtail_llm_actions/static/wagtail_llm_actions/js/dialog/difference.js';

const marks = { same: '', removed: '-', added: '+' };
const shown = (before, after) =>
  difference(before, after).map(({ kind, text }) => `${marks[kind]}${text}`);

test('what is the same stays, what is removed comes before what is added', () => {
  assert.deepEqual(shown('The old tide', 'The high tide'), [
    'The ',
    '-old',
    '+high',
    ' tide',
  ]);
});

test('the same text has no difference, and no text has none', () => {
  assert.deepEqual(shown('a b', 'a b'), ['a b']);
  assert.deepEqual(shown('', ''), []);
  assert.deepEqual(shown('', 'a b'), ['+a b']);
  assert.deepEqual(shown('a b', ''), ['-a b']);
});

test('both texts can be read out of the difference', () => {
  const words = ['a', 'b', 'c', ' ', '\n', 'd'];
  let seed = 7;
  const random = (count) => {
    seed = (seed * 16807) % 2147483647;
    return seed % count;
  };
  for (let round = 0; round < 200; round += 1) {
    const [before, after] = [0, 1].map(() =>
      Array.from({ length: random(30) }, () => words[random(6)]).join(''),
    );
    const parts = difference(before, after);
    const without = (kind) =>
      parts
        .filter((part) => part.kind !== kind)
        .map((part) => part.text)
        .join('');
    assert.equal(without('added'), before);
    assert.equal(without('removed'), after);
  }
});

test('texts of very many words differ as a whole between their ends', () => {
  const many = (word) => Array.from({ length: 3000 }, () => word).join(' ');
  const parts = difference(`Begin ${many('a')} end`, `Begin ${many('b')} end`);
  assert.equal(parts[0].text, 'Begin ');
  assert.equal(parts[parts.length - 1].text, ' end');
});

test('what is changed together is one change, with the space between', () => {
  const parts = difference('a quick brown fox', 'a slow red fox');
  assert.deepEqual(changesIn(parts), [
    { same: 'a ' },
    { removed: 'quick brown', added: 'slow red' },
    { same: ' fox' },
  ]);
});

test('space at the end belongs to no change', () => {
  assert.deepEqual(changesIn(difference('a b ', 'a c ')), [
    { same: 'a ' },
    { removed: 'b', added: 'c' },
    { same: ' ' },
  ]);
});

test('all changes refused are the old text, none refused the new one', () => {
  const words = ['a', 'b', 'c', ' ', '\n', 'd'];
  let seed = 11;
  const random = (count) => {
    seed = (seed * 16807) % 2147483647;
    return seed % count;
  };
  for (let round = 0; round < 200; round += 1) {
    const [before, after] = [0, 1].map(() =>
      Array.from({ length: random(30) }, () => words[random(6)]).join(''),
    );
    const changes = changesIn(difference(before, after));
    const all = new Set(changes.keys());
    assert.equal(textWithout(changes, all), before);
    assert.equal(textWithout(changes, new Set()), after);
  }
});
