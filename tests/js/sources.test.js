import assert from 'node:assert/strict';
import test from 'node:test';

import { byId, setDocument, skip } from './dom.js';

setDocument('');
if (!skip) globalThis.window.StimulusModule = { Controller: class {} };
const { SourcesController } = skip
  ? {}
  : await import('../../wagtail_llm_actions/static/wagtail_llm_actions/js/builder/SourcesController.js');

const row = (number) => `
  <input name="sources-${number}-path" value="path_${number}">
  <input id="id_sources-${number}-name" value="">`;
const button = (number) =>
  `<button data-path="path_${number}"><span data-use></span></button>`;
const times = (count, make) =>
  Array.from({ length: count }, (_, number) => make(number)).join('');

function makeController(count) {
  setDocument(
    `<div id="rows">${times(count, row)}</div><div id="offer">${times(count + 1, button)}</div>`,
  );
  return Object.assign(new SourcesController(), {
    rows: byId('rows'),
    buttonTargets: [...byId('offer').children],
  });
}

function lookUpsOf(count) {
  const controller = makeController(count);
  const find = document.getElementById.bind(document);
  let lookUps = 0;
  document.getElementById = (id) => {
    lookUps += 1;
    return find(id);
  };
  controller.mark();
  return lookUps;
}

test('each button says what reads it already', { skip }, () => {
  const controller = makeController(2);
  controller.mark();
  assert.deepEqual(
    controller.buttonTargets.map(({ textContent }) => textContent),
    ['Read as {{ path_0 }}', 'Read as {{ path_1 }}', ''],
  );
  assert.deepEqual(
    controller.buttonTargets.map((one) => one.getAttribute('aria-disabled')),
    ['true', 'true', 'false'],
  );
});

test('of twice as many sources, twice as much is looked up', { skip }, () => {
  assert.ok(lookUpsOf(40) <= 2 * lookUpsOf(20) + 10);
});
