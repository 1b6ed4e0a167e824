import assert from 'node:assert/strict';
import test from 'node:test';

import { byId, dialogModule, setDocument, skip } from './dom.js';

const PARTS = ['result', 'current', 'difference', 'counter'];

setDocument('');
const { TextBox } = await dialogModule('TextBox');

function makeBox() {
  setDocument(
    `<textarea id="mended"></textarea><details id="changes" open></details>${PARTS.map((id) => `<div id="${id}"></div>`).join('')}`,
  );
  const elements = [...PARTS, 'mended', 'changes'].map((id) => [id, byId(id)]);
  return new TextBox(Object.fromEntries(elements));
}

function offered(before, after) {
  const box = makeBox();
  box.compare(before);
  box.show(after);
  box.offer('text');
  return box;
}

const changes = () => [...byId('difference').querySelectorAll('button')];

test(
  'a text of a written kind can be changed, all others are only shown',
  { skip },
  () => {
    const box = makeBox();
    box.show('Two');
    box.offer('text');
    assert.ok(box.isOffered);
    assert.equal(box.own, undefined);
    box.put('Two, mended');
    assert.equal(box.own, 'Two, mended');
    box.offer('tags');
    assert.ok(!box.isOffered);
    assert.equal(box.value, 'Two');
  },
);

test(
  'a change that is refused is not in the text, and is again when it is made',
  { skip },
  () => {
    const box = offered('The old tide comes', 'The high tide returns');
    const [first] = changes();
    assert.equal(first.ariaLabel, 'Replace “old” by “high”');
    first.click();
    assert.equal(box.own, 'The old tide returns');
    assert.equal(first.ariaPressed, 'false');
    first.click();
    assert.equal(box.own, undefined);
  },
);

test('what is added and what is removed is named so', { skip }, () => {
  offered('One two', 'One two three');
  assert.equal(changes()[0].ariaLabel, 'Add “ three”');
  offered('One two three', 'One two');
  assert.equal(changes()[0].ariaLabel, 'Remove “ three”');
});

test(
  'a field that is empty says so, one that is not known says nothing',
  { skip },
  () => {
    const box = makeBox();
    box.compare('');
    assert.equal(byId('current').textContent, 'Empty');
    box.compare(undefined);
    assert.equal(byId('current').textContent, '');
  },
);

test('too many characters are counted and marked', { skip }, () => {
  const box = makeBox();
  box.clear();
  box.limit = 3;
  box.show('Four');
  assert.equal(byId('counter').textContent, '4 / 3 characters');
  assert.ok(byId('counter').className.endsWith('--over'));
});
