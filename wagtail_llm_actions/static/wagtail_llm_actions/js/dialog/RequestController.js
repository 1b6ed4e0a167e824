import { ApiError } from '../api.js';
import { Latest } from '../Latest.js';
import { plural, text } from '../strings.js';
import { element } from './prompt.js';
import { PromptView } from './PromptView.js';
import { changesField, fetchModels, previewRun } from './requestApi.js';

/** How the value of a control is sent; blank leaves it to the action. */
const READ = {
  temperature: Number,
  max_output_tokens: Number,
  extra_parameters: JSON.parse,
};

/**
 * The request side of the dialog: what would be sent, and what of it is otherwise for this run.
 *
 * Its controls are named by `data-name`, after what they change; only what differs from the
 * action is sent. Nothing is asked of the server before it is unfolded.
 *
 * @fires llm-request:changed - when a person has changed something.
 */
export class RequestController extends window.StimulusModule.Controller {
  static targets = [
    'problem',
    'facts',
    'notices',
    'prompt',
    'form',
    'field',
    'versions',
    'versionList',
    'sources',
    'models',
    'more',
    'saving',
  ];

  connect() {
    this.view = new PromptView({
      problem: this.problemTarget,
      facts: this.factsTarget,
      notices: this.noticesTarget,
      prompt: this.promptTarget,
    });
    this.latest = new Latest(this.element, {
      show: (preview) => this.show(preview),
      refuse: (error) => this.view.refuse(error),
    });
  }

  disconnect() {
    this.forget();
  }

  /** Begins anew, folded, for a field. */
  begin(control) {
    this.control = control;
    this.preview = null;
    this.isAsked = false;
    this.forget();
    this.previewed = null;
    this.baseline = {};
    this.lastTexts = null;
    this.modelsOf = null;
    this.isTouched = false;
    this.refusal = '';
    this.element.open = false;
    this.formTarget.hidden = true;
    this.moreTarget.open = false;
    this.versionsTarget.open = false;
    this.saving.begin(control);
    this.view.clear();
  }

  /** What is asked of the server, or about to be, is of no use any more. */
  forget() {
    this.latest.forget();
  }

  /** Unfolds, and shows what would be sent. */
  unfold() {
    this.element.open = true;
    /** Until then it is not known what suits a field without an action. */
    this.previewed = this.refresh();
    return this.previewed;
  }

  fold() {
    this.element.open = false;
  }

  get saving() {
    return this.application.getControllerForElementAndIdentifier(
      this.savingTarget,
      'llm-saving',
    );
  }

  /** Where the model is chosen, for who may change what is sent. */
  focusModel() {
    if (this.formTarget.hidden) {
      this.element.querySelector('summary').focus();
      return;
    }
    this.moreTarget.open = true;
    this.input('model_name').focus();
  }

  /** Unfolding by hand; the event of unfolding in another way comes when it is already asked. */
  toggle() {
    return this.element.open && !this.isAsked ? this.refresh() : null;
  }

  /** What is otherwise than in the action; empty as long as nobody has changed anything. */
  get changes() {
    if (!this.preview?.choices) return {};
    const changed = Object.entries(this.values).filter(
      ([name, value]) => value !== this.baseline[name],
    );
    return Object.fromEntries(
      changed
        .map(([name, value]) => [name, this.read(name, value)])
        .filter(([, value]) => value !== undefined),
    );
  }

  get isChanged() {
    return Object.keys(this.changes).length > 0 && this.isTouched;
  }

  /** What is posted beside the form for a run. */
  get contents() {
    return changesField(this.changes);
  }

  /** For each change: the preview follows when the hand rests. */
  edit({ target }) {
    this.isTouched = true;
    this.refusal = '';
    if (target.dataset.name === 'prompt_template') this.takeTemplate();
    if (target.dataset.name === 'llm_config') this.takeConfig();
    this.showSaving();
    this.dispatch('changed');
    this.latest.askSoon((signal) => this.fetch(signal));
  }

  refresh() {
    this.isAsked = true;
    return this.latest.ask((signal) => this.fetch(signal));
  }

  /** A run has used something of what was left. */
  followRun() {
    if (this.element.open && this.preview?.limits.length) this.refresh();
  }

  fetch(signal) {
    return previewRun(this.control, this.changes, signal);
  }

  show(preview) {
    const isFirst = !this.preview;
    this.preview = preview;
    if (isFirst && preview.choices) this.fillForm(preview);
    this.view.show(preview, this.refusal || undefined);
    this.showSaving();
    if (isFirst && preview.choices && !preview.request) this.suggest();
  }

  // Changing

  fillForm({ choices, request }) {
    const { templates, configs, sources } = choices;
    this.formTarget.hidden = false;
    fillSelect(this.input('prompt_template'), [
      ...(request ? [] : [['', text('choose_template')]]),
      ...withCurrent(templates, request?.prompt_template).map((one) => [
        one.slug,
        one.name,
      ]),
    ]);
    fillSelect(this.input('llm_config'), [
      ['', text('default_config')],
      ...configs.map((one) => [one.slug, `${one.name} (${one.model_name})`]),
    ]);
    const listed = new Set(sources.map(({ path }) => path));
    const others = (request?.sources ?? [])
      .filter((path) => !listed.has(path))
      .map((path) => ({ path, label: path }));
    this.sourcesTarget.replaceChildren(
      ...[...sources, ...others].map((source) =>
        sourceElement(source, request?.sources.includes(source.path)),
      ),
    );
    this.order = request?.sources ?? [];
    this.put(request ?? { output_mode: 'replace' });
    this.baseline = this.values;
    this.showVersions();
    if (!request) this.takeConfig();
  }

  /** A field without an action begins with what suits it best. */
  suggest() {
    const { templates, suggested } = this.preview.choices;
    this.sourcesTarget.querySelectorAll('input').forEach((box) => {
      box.checked = suggested.includes(box.value);
    });
    this.input('prompt_template').value = templates[0]?.slug ?? '';
    this.takeTemplate();
    return this.refresh();
  }

  put(request) {
    this.fieldTargets.forEach((control) => {
      const value = request[control.dataset.name] ?? '';
      control.value =
        typeof value === 'object' ? JSON.stringify(value) : `${value}`;
    });
  }

  /** The texts of another template take the place of the last one's, but not of what was typed. */
  takeTemplate() {
    const { template } = this;
    const last = this.lastTexts ?? this.baseline;
    for (const name of ['system_prompt', 'prompt']) {
      const control = this.input(name);
      if (control.value === (last[name] ?? '') || control.value === '')
        control.value = template?.[name] ?? '';
    }
    this.lastTexts = template;
    this.showVersions();
  }

  /** Leads to what changed in the chosen template, where there are earlier versions of it. */
  showVersions() {
    const { versions = [] } = this.template ?? {};
    this.versionsTarget.hidden = !versions.length;
    this.versionListTarget.replaceChildren(...versions.map(versionElement));
  }

  /** The chosen one, as it is saved. */
  get template() {
    const { templates } = this.preview.choices;
    const slug = this.input('prompt_template').value;
    return templates.find((one) => one.slug === slug);
  }

  /** A configuration has a model of its own. */
  takeConfig() {
    const { configs } = this.preview.choices;
    const slug = this.input('llm_config').value;
    const config = configs.find((one) =>
      slug ? one.slug === slug : one.is_default,
    );
    this.baseline.model_name = config?.model_name ?? '';
    this.input('model_name').value = this.baseline.model_name;
  }

  /** What stands in the controls, as strings. */
  get values() {
    const values = Object.fromEntries(
      this.fieldTargets.map((control) => [control.dataset.name, control.value]),
    );
    return { ...values, sources: this.chosen.join('\n') };
  }

  /** The chosen sources; those of the action stay in its order. */
  get chosen() {
    const boxes = [...this.sourcesTarget.querySelectorAll('input:checked')];
    const paths = boxes.map((box) => box.value);
    const known = this.order.filter((path) => paths.includes(path));
    return [...known, ...paths.filter((path) => !known.includes(path))];
  }

  read(name, value) {
    if (name === 'sources') return this.chosen;
    if (name in READ)
      return value.trim() ? readOr(READ[name], value) : undefined;
    if (['system_prompt', 'prompt'].includes(name) && this.isOfTemplate(name))
      return undefined;
    return name === 'prompt_template' && !value ? undefined : value;
  }

  /** Whether a text is that of the chosen template, and needs not be sent. */
  isOfTemplate(name) {
    return this.template?.[name] === this.input(name).value;
  }

  input(name) {
    return this.fieldTargets.find(({ dataset }) => dataset.name === name);
  }

  /** Asks the provider for its models when a person comes to the field. */
  async listModels() {
    const config = this.input('llm_config').value;
    if (this.modelsOf === config) return;
    this.modelsOf = config;
    const names = await fetchModels(config).catch((error) => {
      if (!(error instanceof ApiError)) throw error;
      return [];
    });
    if (this.modelsOf !== config) return;
    this.modelsTarget.replaceChildren(
      ...names.map((value) => element('option', { value })),
    );
  }

  // Saving

  showSaving() {
    if (!this.preview?.choices) return;
    const { prompt, system_prompt } = this.values;
    this.saving.show(this.preview, {
      changes: this.changes,
      texts: { prompt, system_prompt },
      problem: this.invalidity,
    });
  }

  /** What the browser has against what was typed into a control; blank for nothing. */
  get invalidity() {
    const invalid = this.fieldTargets.find((field) => !field.validity.valid);
    return invalid?.validationMessage ?? '';
  }

  /** Begins anew with the action as it is saved now. */
  async takeAction({ detail: { action } }) {
    const { control } = this;
    control.take?.(action);
    this.begin(control);
    await this.unfold();
    this.say(text('saved', { name: action.name }));
  }

  /** The prompt is that of the saved template now. */
  async takeSaved({ detail: { template } }) {
    const { slug, name } = template;
    this.preview.choices.templates.push(template);
    const select = this.input('prompt_template');
    select.append(element('option', { value: slug, textContent: name }));
    select.value = slug;
    this.lastTexts = template;
    this.showVersions();
    await this.refresh();
    this.say(text('template_saved', { name }));
  }

  /** Stays until something is changed, whatever the preview says meanwhile. */
  refuse({ detail: { message } }) {
    this.refusal = message;
    this.problemTarget.textContent = message;
  }

  /** The button that was pressed may be gone. */
  say(message) {
    this.problemTarget.textContent = message;
    this.element.querySelector('summary').focus();
  }
}

function versionElement({ number, date, url: href }) {
  const textContent = text('since_version', { number, date });
  const item = element('li', {});
  item.append(
    element('a', { href, target: '_blank', rel: 'noopener', textContent }),
  );
  return item;
}

function sourceElement({ path, label, words }, isChosen) {
  const box = element('input', { type: 'checkbox', value: path });
  box.checked = Boolean(isChosen);
  const detail = words === undefined ? '' : plural('words', { count: words });
  const result = element('label', { className: 'llm-request__choice' });
  result.append(
    box,
    detail ? text('with_detail', { name: label, detail }) : label,
  );
  return result;
}

function fillSelect(select, options) {
  select.replaceChildren(
    ...options.map(([value, textContent]) =>
      element('option', { value, textContent }),
    ),
  );
}

const withCurrent = (templates, slug) =>
  !slug || templates.some((one) => one.slug === slug)
    ? templates
    : [{ slug, name: slug }, ...templates];

/** A value that cannot be read goes to the server as it is, which says what is wrong with it. */
function readOr(read, value) {
  try {
    const result = read(value);
    return Number.isNaN(result) ? value : result;
  } catch {
    return value;
  }
}
