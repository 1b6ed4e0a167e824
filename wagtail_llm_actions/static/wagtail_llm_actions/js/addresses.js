/**
 * Names fields: from the DOM to an address, a path, a label and the input.
 *
 * An address names one field of one form (`stream.<block id>.heading`), a path the same field in
 * every object of the type (`stream.section.heading`).
 */
import { blocksIn, Role, roleOf, rootBlockOf } from './blocks.js';

/** Fields of panels are named in an attribute, those of blocks are not; read-only ones neither. */
const PANEL_FIELDS = '[data-field][data-contentpath]';
const EDITABLE = [
  'input:not([readonly], [disabled], [type="file"], [type="password"])',
  'textarea:not([readonly], [disabled])',
  'select:not([disabled])',
].join(',');
const ROWS = '[id$="-FORMS"]';
const LABEL =
  ':scope > .w-field__label, :scope > .w-panel__header [data-panel-heading-text]';

/**
 * Returns the place of everything in `root` that can be filled: `{ field, role, address, path }`,
 * and its `block` where it has blocks or is one. `numbered` is what the address of a field was
 * before the inline child that it is in was saved.
 *
 * `field` is the element that our control stands in, and `role` what the field is made of.
 */
export function fieldsIn(root) {
  const panels = [...panelsIn(window.wagtail.editHandler)];
  const places = [
    ...ownFields(root),
    ...unmarkedFields(root, panels),
    ...inlinePanels(root, panels),
    ...nestedInlinePanels(root),
  ].flatMap((place) => [place, ...placesInside(place)]);
  return places.filter(
    ({ field, role }) =>
      (role !== Role.FIELD || field.querySelector(EDITABLE)) &&
      !field.closest('[data-llm-actions="off"], .w-dialog'),
  );
}

/** Returns the place of one field as it is now, or null if it cannot be filled any more. */
export function locate(field) {
  const form = field.closest('form');
  return (
    (form && fieldsIn(form).find((place) => place.field === field)) ?? null
  );
}

/** Returns the input that holds the value of a field that is neither blocks nor rows. */
export function inputOf(field) {
  const wrapper = field.querySelector('[data-draftail-editor-wrapper]');
  if (wrapper)
    return wrapper.parentElement.querySelector('input[type="hidden"]');
  return (
    field.querySelector('input:not([type="hidden"]), textarea, select') ??
    field.querySelector('input')
  );
}

/**
 * Returns the label of a place as the editor reads it.
 *
 * It is looked for nearby: `input.labels` searches the whole document, and anew after each change.
 */
export function labelOf({ field, block }) {
  if (block?.type) return block.blockDef.meta.label;
  const panel =
    field.closest('[data-panel], .w-panel__wrapper') ??
    field.closest('.w-field__wrapper');
  const label = panel?.querySelector(LABEL);
  return (label?.textContent ?? '').replace(/\*\s*$/, '').trim();
}

/** Returns whether the field, or the block or child it is in, has been deleted. */
export function isGone(field) {
  if (!field.isConnected || field.closest('[data-inline-panel-child].deleted'))
    return true;
  for (
    let block = closestBlock(field);
    block;
    block = closestBlock(block.parentElement)
  ) {
    if (isDeletedBlock(block)) return true;
  }
  return false;
}

/** Returns the button of the innermost panel around the field that is still to be seen. */
export function panelAround(field) {
  let panel = field.closest('[data-panel]');
  // What is deleted may still be on its way out of sight.
  while (panel && (!panel.checkVisibility() || isGone(panel)))
    panel = panel.parentElement.closest('[data-panel]');
  return panel?.querySelector('[data-panel-toggle]');
}

/** Adds an empty row to a field of rows, as its button does, and returns it. */
export function addRow(field) {
  const rows = field.querySelector(`:scope > ${ROWS}`);
  const panel = [...panelsIn(window.wagtail.editHandler)].find(
    (one) => isInlinePanel(one) && elementOfRows(one) === field,
  );
  if (panel) panel.addForm();
  else document.getElementById(`${prefixOf(rows)}-ADD`).click();
  return rows.lastElementChild;
}

/** Fields of Django forms: the form's own, and those of inline children. */
function ownFields(root) {
  return [...root.querySelectorAll(PANEL_FIELDS)].map((field) => {
    const name = field.dataset.contentpath;
    const child = field.closest('[data-inline-panel-child]');
    const steps = child
      ? inlineSteps(child)
      : { address: '', path: '', numbered: '' };
    return {
      ...placeOf(field, `${steps.address}${name}`, `${steps.path}${name}`),
      numbered: `${steps.numbered}${name}`,
    };
  });
}

/** Panels with a template of their own mark nothing: the panel stands in for its field. */
function unmarkedFields(root, panels) {
  return panels
    .filter(({ fieldName, widget }) => fieldName && widget)
    .map(({ fieldName }) => [
      fieldName,
      root.querySelector(`[name="${CSS.escape(fieldName)}"]`),
    ])
    .filter(([, input]) => input && !input.closest('[data-field]'))
    .map(([name, input]) => [
      name,
      input.closest('[data-panel], .w-panel__wrapper'),
    ])
    .filter(([, panel]) => panel)
    .map(([name, panel]) => placeOf(panel, name, name));
}

function inlinePanels(root, panels) {
  return panels
    .filter((panel) => isInlinePanel(panel))
    .map((panel) => ({
      field: elementOfRows(panel),
      role: Role.ROWS,
      address: panel.relationName,
      path: panel.relationName,
    }))
    .filter(({ field }) => field && root.contains(field));
}

/** Inline panels in inline children, which the tree of panels does not hold. */
function nestedInlinePanels(root) {
  return [...root.querySelectorAll(`[data-inline-panel-child] ${ROWS}`)].map(
    (rows) => {
      const steps = inlineSteps(rows.closest('[data-inline-panel-child]'));
      const relation = prefixOf(rows).split('-').pop();
      return {
        field: rows.parentElement,
        role: Role.ROWS,
        address: `${steps.address}${relation}`,
        path: `${steps.path}${relation}`,
      };
    },
  );
}

function placeOf(field, address, path) {
  const block = rootBlockOf(field);
  const role = block ? roleOf(block) : Role.FIELD;
  return { field, role, address, path, block };
}

const placesInside = ({ block, address, path }) =>
  block ? [...blocksIn(block, address, path)] : [];

function* panelsIn(panel) {
  if (!panel) return;
  yield panel;
  for (const child of panel.children ?? []) yield* panelsIn(child);
}

/**
 * `inline_child_related_links-0` names relation and index; nested panels repeat the pair.
 *
 * A child that was saved is called by its key: its index changes when a sibling goes.
 */
function inlineSteps(child) {
  const parts = child.id.replace(/^inline_child_/, '').split('-');
  const steps = parts.map((part, index) => {
    const prefix = parts.slice(0, index + 1).join('-');
    const key =
      index % 2 === 1 &&
      child.ownerDocument.getElementById(`id_${prefix}-id`)?.value;
    return key ? `pk-${key}` : part;
  });
  const relations = parts.filter((_, index) => index % 2 === 0);
  return {
    address: `${steps.join('.')}.`,
    numbered: `${parts.join('.')}.`,
    path: `${relations.join('.')}.`,
  };
}

const prefixOf = (rows) => rows.id.replace(/-FORMS$/, '');
const isInlinePanel = (panel) => panel instanceof window.InlinePanel;
const elementOfRows = (panel) =>
  document.getElementById(`${panel.opts.formsetPrefix}-FORMS`)?.parentElement;
const closestBlock = (element) => element?.closest('[data-streamfield-child]');
const isDeletedBlock = (block) => hiddenInput(block, 'deleted').value === '1';
const hiddenInput = (block, name) =>
  block.querySelector(`:scope > input[name$="-${name}"]`);
