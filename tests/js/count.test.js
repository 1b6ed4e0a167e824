import assert from 'node:assert/strict';
import { test } from 'node:test';
import { characters } from '../../wagtail_llm_actions/static/wagtail_llm_actions/js/dialog/count.js';

test('characters are counted as the server counts them', () => {
  assert.equal(characters(''), 0);
  assert.equal(characters('naïve'), 5);
  assert.equal(characters('🐦🐦'), 2);
});
