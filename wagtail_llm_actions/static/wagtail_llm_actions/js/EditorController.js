import { fieldsIn } from './addresses.js';
import { fetchStates, nullIfUnanswered } from './api.js';
import { decorate, isDecorated, offerRequest } from './decorate.js';
import { editedForms, editorRoot } from './forms.js';
import { noteIfRichText } from './form.js';

const ADDED = '[data-streamfield-child], [data-inline-panel-child], form';
const QUIET = 150;
const VISITING = ['focusin', 'pointerover'];
const CHANGING = [
  'keydown',
  'beforeinput',
  'input',
  'paste',
  'cut',
  'drop',
  'click',
  'focusout',
];

/**
 * Finds the fields of the edited forms and gives each its control, also fields that are added
 * later.
 *
 * Its element is a polite live region: `llm-editor:announce` on the document says
 * `detail.message` there. `llm-editor:renew` asks for the states of the fields at `detail.paths`
 * again, and leaves the focus at the field `detail.focus`.
 *
 * @fires llm-editor:decorated - when the states of new fields have come and are shown.
 */
export class EditorController extends window.StimulusModule.Controller {
  connect() {
    this.announce = (event) => this.say(event.detail.message);
    this.onRenew = (event) => this.renew(event.detail);
    document.addEventListener('llm-editor:announce', this.announce);
    document.addEventListener('llm-editor:renew', this.onRenew);
    document.addEventListener('click', fillFromHeader);
    this.root = editorRoot();
    this.root.addEventListener('click', wake, true);
    CHANGING.forEach((type) =>
      this.root.addEventListener(type, noteIfRichText, true),
    );
    for (const type of VISITING) this.root.addEventListener(type, offerRequest);
    this.observer = new MutationObserver((records) => this.notice(records));
    this.observer.observe(this.root, { childList: true, subtree: true });
    this.refresh();
  }

  disconnect() {
    this.observer.disconnect();
    this.root.removeEventListener('click', wake, true);
    for (const type of VISITING)
      this.root.removeEventListener(type, offerRequest);
    CHANGING.forEach((type) =>
      this.root.removeEventListener(type, noteIfRichText, true),
    );
    clearTimeout(this.timer);
    document.removeEventListener('llm-editor:announce', this.announce);
    document.removeEventListener('llm-editor:renew', this.onRenew);
    document.removeEventListener('click', fillFromHeader);
  }

  /** Gives all fields that have no control yet theirs. */
  async refresh() {
    await Promise.all(editedForms().map((form) => this.refreshForm(form)));
  }

  /** Shows anew what fields have whose action was moved, saved or deleted, and says so. */
  async renew({ paths, message, focus }) {
    editedForms()
      .flatMap(fieldsIn)
      .filter(({ field, path }) => paths.includes(path) && isDecorated(field))
      .forEach(({ field }) => field.lastElementChild.remove());
    await this.refresh();
    this.say(message);
    const shown = focus?.querySelector(':scope > .llm-field :is(button, a)');
    (shown ?? focus?.querySelector('[name]'))?.focus();
  }

  /** Asks for the states of the new fields of one form, in one request. */
  async refreshForm(form) {
    const places = newPlaces(form);
    if (!places.length) return;
    const wanted = places.map(({ address, path, numbered }) => ({
      address,
      path,
      numbered: numbered === address ? undefined : numbered,
    }));
    const answer = await fetchStates(form, wanted).catch(nullIfUnanswered);
    if (!answer?.enabled) return;
    places.forEach((place) => {
      const state = answer.fields[place.address];
      if (state && !isDecorated(place.field)) decorate(place, state, answer);
    });
    if (document.activeElement)
      offerRequest({ target: document.activeElement });
    this.dispatch('decorated', { detail: { count: places.length } });
  }

  /** Waits until a burst of added blocks and children is over. */
  notice(records) {
    const isAddition = (node) =>
      node.nodeType === Node.ELEMENT_NODE && holdsFields(node);
    if (!records.some((record) => [...record.addedNodes].some(isAddition)))
      return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.refresh(), QUIET);
  }

  say(message) {
    this.element.textContent = message;
  }
}

/** Connects the control that is pressed for the first time, then presses it again. */
function wake(event) {
  const control = event.target.closest('.llm-field:not([data-controller])');
  const button = event.target.closest('[data-action^="llm-field#"]');
  if (!control || !button || event.ctrlKey || event.metaKey || event.shiftKey)
    return;
  event.preventDefault();
  event.stopPropagation();
  control.dataset.controller = 'llm-field';
  setTimeout(() => button.click());
}

/** The button is in the page's header, outside the form. */
async function fillFromHeader(event) {
  if (!event.target.closest('[data-llm-actions-fill]')) return;
  event.preventDefault();
  const { fillEmptyFields } = await import('./dialog/fill.js');
  await fillEmptyFields();
}

const newPlaces = (form) =>
  fieldsIn(form).filter(({ field }) => !isDecorated(field));

const holdsFields = (element) =>
  element.matches(ADDED) || element.querySelector(ADDED) !== null;
