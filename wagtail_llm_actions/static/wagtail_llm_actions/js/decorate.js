/** Builds what a field shows: the control of its action, or a link to add one. */
import { labelOf } from './addresses.js';
import { Role } from './blocks.js';
import { text } from './strings.js';

const templates = {};

/** What a model fills as a whole; every other kind is filled field by field. */
const COMPOSITES = new Set([Role.STRUCT, Role.LIST, Role.STREAM, Role.ROWS]);

/** Adds to a place what its state asks for; `editor` is the answer that the state came in. */
export function decorate(place, state, editor) {
  if (!isMeant(place, state)) return;
  const templates = templatesFor(place, state, editor);
  const shown = shownAt(place, state, editor);
  if (!shown && !templates.length) return;
  const wrapper = shown ?? element('div', 'llm-field');
  if (templates.length) wrapper.append(selectionMenu(place, templates));
  place.field.append(wrapper);
}

function shownAt(place, state, editor) {
  if (state.action && editor.may_run) return control(place, state);
  const isAddable = !state.action && editor.may_add && isOffered(place, state);
  return isAddable ? addLink(place, editor) : null;
}

/** Returns the templates that can be run on what is selected in the field. */
function templatesFor({ field }, { kind }, editor) {
  const isRichText =
    kind === 'rich_text' &&
    field.querySelector('[data-draftail-editor-wrapper]');
  return (isRichText && editor.selection_templates) || [];
}

/** A list and its items have one path: the kind of what is written tells which of them it is. */
function isMeant({ role }, { kind }) {
  return role === (COMPOSITES.has(kind) ? kind : Role.FIELD);
}

/** Blocks within blocks have no link: there would be one at every group and list. */
function isOffered({ role, address, path }, { writable }) {
  return writable && (role === Role.FIELD || address === path);
}

/** Returns whether the field has a control or link of ours. */
export function isDecorated(field) {
  return field.lastElementChild?.classList.contains('llm-field') ?? false;
}

/**
 * A control gets its Stimulus controller when it has something to show, or is first pressed:
 * connecting one costs more than all else here.
 */
function control(place, { action, ready, problem, run }) {
  const label = labelOf(place);
  const wrapper = template('control', buildControl);
  const [button, status] = wrapper.children;
  nameButton(button, label, action);
  button.disabled = !ready;
  status.textContent = problem;
  wrapper.dataset.llmFieldLabelValue = label;
  wrapper.dataset.llmFieldActionValue = action.name;
  wrapper.dataset.llmFieldRoleValue = place.role;
  wrapper.dataset.reads = action.reads.join(' ');
  if (run) {
    wrapper.dataset.llmFieldRunValue = JSON.stringify(run);
    wrapper.dataset.controller = 'llm-field';
  }
  return wrapper;
}

function buildControl() {
  return holder(template('button', buildButton));
}

function buildButton() {
  const button = element('button', 'llm-field__button', {
    type: 'button',
    'data-action': 'llm-field#open',
    'data-llm-field-target': 'button',
  });
  button.append(icon('llm-actions'), element('span', '', {}, text('generate')));
  return button;
}

/** Returns the button that runs a field's action. */
export function generateButton(label, action) {
  const button = template('button', buildButton);
  nameButton(button, label, action);
  return button;
}

function nameButton(button, label, { name }) {
  button.title = name;
  button.ariaLabel = text('generate_field', { label: inSentence(label) });
}

function holder(first) {
  const wrapper = element('div', 'llm-field');
  const status = element('span', 'llm-field__status', {
    'data-llm-field-target': 'status',
  });
  wrapper.append(first, status);
  return wrapper;
}

/** Adds the button that shows what is sent, where a person is at a field. */
export function offerRequest({ target }) {
  const field = target.closest?.('[data-field]');
  const control = field?.querySelector(':scope > .llm-field');
  const isReady = control?.querySelector('.llm-field__button:enabled');
  if (!isReady || control.querySelector('.llm-field__request')) return;
  const button = smallButton('prepare');
  button.classList.add('llm-field__request');
  button.ariaLabel = text('prepare_field', {
    label: control.dataset.llmFieldLabelValue,
  });
  control.append(button);
}

/** It opens the dialog for who may change what is sent, for all others the form of a new action. */
function addLink(place, editor) {
  const label = labelOf(place);
  const wrapper = template('link', () => holder(buildLink()));
  const [link] = wrapper.children;
  const url = new URL(editor.add_url, window.location.href);
  url.searchParams.set('destination_path', place.path);
  link.href = url;
  if (editor.may_customise) {
    link.dataset.action = 'llm-field#prepare';
    link.ariaLabel = text('add_here', { label });
    wrapper.dataset.llmFieldLabelValue = label;
    wrapper.dataset.llmFieldRoleValue = place.role;
  } else link.ariaLabel = text('add_field', { label });
  return wrapper;
}

function buildLink() {
  const link = element('a', 'llm-field__add', {
    target: '_blank',
    rel: 'noopener',
    'data-llm-field-target': 'button',
  });
  link.append(icon('plus'), element('span', '', {}, text('add')));
  return link;
}

/** Buttons that unfold in place: a menu over the page would need keys of its own. */
function selectionMenu(place, templates) {
  const label = labelOf(place);
  const name = text('on_selection_field', { label });
  const button = element('button', 'llm-selection__button', {
    type: 'button',
    title: text('select_first'),
    disabled: '',
    'aria-expanded': 'false',
    'data-action': 'llm-selection#toggle',
    'data-llm-selection-target': 'button',
  });
  button.ariaLabel = name;
  button.append(element('span', '', {}, text('on_selection')));
  const menu = element('span', 'llm-selection__menu', {
    role: 'group',
    'aria-label': name,
    hidden: '',
    'data-action': 'keydown.esc->llm-selection#leave',
    'data-llm-selection-target': 'menu',
  });
  menu.append(...templates.map(templateButton));
  const wrapper = element('span', 'llm-selection', {
    'data-controller': 'llm-selection',
    'data-llm-selection-label-value': label,
  });
  const status = element('span', 'llm-selection__status', {
    'data-llm-selection-target': 'status',
  });
  wrapper.append(button, menu, status);
  return wrapper;
}

function templateButton({ slug, name }) {
  const attributes = {
    type: 'button',
    'data-action': 'llm-selection#run',
    'data-llm-selection-slug-param': slug,
  };
  return element('button', 'llm-field__link', attributes, name);
}

/** Returns a copy of what `build` builds: it is built only once. */
function template(name, build) {
  templates[name] ??= build();
  return templates[name].cloneNode(true);
}

/** English labels lose their capital inside a sentence; other languages keep theirs. */
export function inSentence(label, language = document.documentElement.lang) {
  const isPlain = /^\p{Lu}\p{Ll}/u.test(label) && language.startsWith('en');
  return isPlain ? label[0].toLowerCase() + label.slice(1) : label;
}

/** Returns a small button of the control, called like the method of its controller. */
export function smallButton(name) {
  const button = element(
    'button',
    'llm-field__link',
    { type: 'button' },
    text(name),
  );
  button.dataset.action = `llm-field#${name}`;
  return button;
}

function element(name, className, attributes = {}, content = '') {
  const result = document.createElement(name);
  if (className) result.className = className;
  Object.entries(attributes).forEach(([key, value]) =>
    result.setAttribute(key, value),
  );
  result.textContent = content;
  return result;
}

function icon(name) {
  const namespace = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(namespace, 'svg');
  svg.setAttribute('class', `icon icon-${name}`);
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(namespace, 'use');
  use.setAttribute('href', `#icon-${name}`);
  svg.append(use);
  return svg;
}
