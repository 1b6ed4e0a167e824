import assert from 'node:assert/strict';
import test from 'node:test';

import { byId, dialogModule, setDocument, skip } from './dom.js';

setDocument('');
const { Texts } = await dialogModule('Texts');

function makeTexts() {
  setDocument(
    '<fieldset id="group"><div id="list"></div><input type="checkbox" id="blind"></fieldset><select id="beside"></select>',
  );
  return new Texts({
    group: byId('group'),
    list: byId('list'),
    blind: byId('blind'),
    beside: byId('beside'),
  });
}

const names = () =>
  [...byId('list').children].map((label) => label.textContent);
const values = () =>
  [...byId('list').querySelectorAll('input')].map(({ value }) => value);

test('one text is no choice, two are', { skip }, () => {
  const texts = makeTexts();
  texts.add({ id: 'a', output: 'One', model: 'small' });
  assert.ok(byId('group').hidden);
  texts.add({ id: 'b', output: 'Two', model: 'small' });
  assert.ok(!byId('group').hidden);
  assert.deepEqual(names(), ['Text 1', 'Text 2']);
  assert.equal(texts.chosen.id, 'b');
});

test('what texts were made with is named where it differs', { skip }, () => {
  const texts = makeTexts();
  texts.add({ id: 'a', output: 'One', model: 'small', template: 'Usual' });
  texts.add({ id: 'b', output: 'Two', model: 'big', template: 'Usual' });
  assert.deepEqual(names(), ['Text 1 (small)', 'Text 2 (big)']);
  texts.add({ id: 'c', output: 'Three', model: 'big', template: 'Other' });
  assert.equal(names()[2], 'Text 3 (Other, big)');
});

test(
  'blind, the names are letters in another order, each with its text',
  { skip },
  () => {
    const orders = new Set();
    for (let round = 0; round < 40; round += 1) {
      const texts = makeTexts();
      for (const model of ['small', 'big', 'huge'])
        texts.add({ id: model, output: model, model });
      byId('blind').checked = true;
      texts.arrange();
      assert.deepEqual(names(), ['Text A', 'Text B', 'Text C']);
      assert.deepEqual([...values()].sort(), ['0', '1', '2']);
      orders.add(values().join());
      assert.equal(
        texts.choose(Number(values()[0])).output,
        texts.chosen.model,
      );
    }
    assert.ok(orders.size > 1);
  },
);

test('what is compared is what a person has made of it', { skip }, () => {
  const texts = makeTexts();
  texts.add({ id: 'a', output: 'One' });
  texts.keep('One, mended');
  texts.add({ id: 'b', output: 'Two' });
  assert.equal(texts.compared, null);
  byId('beside').value = '0';
  assert.equal(texts.compared, 'One, mended');
  texts.forgetCompared();
  assert.equal(texts.compared, null);
});

test('a text is not compared with itself; they change places', { skip }, () => {
  const texts = makeTexts();
  texts.add({ id: 'a', output: 'One' });
  texts.add({ id: 'b', output: 'Two' });
  const offered = () => [...byId('beside').options].map(({ value }) => value);
  assert.deepEqual(offered(), ['', '0']);
  byId('beside').value = '0';
  texts.choose(0);
  assert.deepEqual(offered(), ['', '1']);
  assert.equal(texts.compared, 'Two');
  texts.forgetCompared();
  texts.choose(1);
  assert.equal(texts.compared, null);
});

test('others are those that nobody has decided on', { skip }, () => {
  const texts = makeTexts();
  texts.add({ id: 'a' });
  texts.add({ id: 'b', isUnfit: true });
  texts.add({ id: 'c', decision: 'rejected' });
  texts.add({ id: 'd' });
  assert.deepEqual(
    texts.others.map(({ id }) => id),
    ['a'],
  );
});
