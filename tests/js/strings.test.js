import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  fill,
  pluralForm,
} from '../../wagtail_llm_actions/static/wagtail_llm_actions/js/strings.js';

const FORMS = {
  one: '%(count)s znak',
  few: '%(count)s znaki',
  many: '%(count)s znaków',
  other: '%(count)s znaku',
};

test('a placeholder is replaced by its value', () => {
  assert.equal(
    fill('Generate %(label)s', { label: 'title' }),
    'Generate title',
  );
});

test('a value is never read as a pattern', () => {
  assert.equal(
    fill('%(label)s!', { label: '%(label)s $& $1' }),
    '%(label)s $& $1!',
  );
});

test('a placeholder without a value stays', () => {
  assert.equal(fill('%(count)s of %(limit)s', { count: 0 }), '0 of %(limit)s');
});

test('each language takes its own plural form', () => {
  assert.equal(pluralForm(FORMS, 1, 'pl'), '%(count)s znak');
  assert.equal(pluralForm(FORMS, 3, 'pl'), '%(count)s znaki');
  assert.equal(pluralForm(FORMS, 5, 'pl'), '%(count)s znaków');
});

test('a category without a form takes the form for all other numbers', () => {
  assert.equal(pluralForm({ one: 'a', other: 'b' }, 3, 'pl'), 'b');
});
