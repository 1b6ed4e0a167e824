import { ApiError } from '../api.js';
import { locate } from '../addresses.js';
import { text } from '../strings.js';
import { deleteAction, saveAction, saveTemplate } from './requestApi.js';

/**
 * What of the request can be kept, and for which field: the action, another one, its template.
 *
 * @fires llm-saving:saved - when the action of the field is saved; `detail.action`.
 * @fires llm-saving:template - when the prompt is a template of its own; `detail.template`.
 * @fires llm-saving:moved - when fields have got or lost their action; `detail.paths`, their
 *   `detail.message`, and whether this field `detail.isThis`.
 * @fires llm-saving:moving - before this field loses its action; may be prevented.
 * @fires llm-saving:refused - when nothing was saved; `detail.message`.
 */
export class SavingController extends window.StimulusModule.Controller {
  static targets = [
    'naming',
    'name',
    'template',
    'serves',
    'save',
    'reason',
    'others',
    'destination',
    'another',
    'move',
    'remove',
    'confirming',
    'keep',
    'own',
  ];

  /** Begins anew for a field. */
  begin(control) {
    this.control = control;
    this.element.hidden = true;
    this.nameTarget.value = '';
    this.othersTarget.open = false;
    this.confirmingTarget.hidden = true;
    this.destinationTarget.replaceChildren();
  }

  /**
   * Shows what can be done.
   *
   * @param {object} preview - as the server gave it.
   * @param {object} wanted - `changes`: what is otherwise than in the action; `texts`: `prompt` and
   *   `system_prompt` as they stand there; `problem`: why what was typed cannot be used, or blank.
   */
  show(preview, wanted) {
    const { rights, edit_url: url, serves, choices, request } = preview;
    const { changes, texts } = wanted;
    Object.assign(this, { changes, texts, version: request?.version ?? '' });
    const hasTexts = 'prompt' in changes || 'system_prompt' in changes;
    this.element.hidden = !Object.values(rights).includes(true);
    this.servesTarget.textContent = serves;
    this.saveTarget.hidden = !rights.save;
    this.namingTarget.hidden = !hasTexts || !rights.save_template;
    this.othersTarget.hidden = !request;
    this.anotherTarget.hidden = !rights.save_as;
    this.moveTarget.hidden = !rights.save;
    this.removeTarget.hidden = !rights.delete;
    this.ownTarget.hidden = !url;
    if (url) this.ownTarget.href = url;
    if (choices && !this.destinationTarget.length)
      this.offer(choices.destinations, Boolean(request?.is_own));
    this.allow(refusalOf(rights, wanted), Boolean(request?.is_draft));
  }

  /** What would be refused is not offered; beside it stands why. */
  allow(refusal, isDraft) {
    const isChanged = Object.keys(this.changes).length > 0;
    const reason = refusal || (isDraft ? text('save_draft') : '');
    this.refusal = refusal;
    this.isPublished = !reason;
    this.saveTarget.disabled = !isChanged || Boolean(reason);
    this.reasonTarget.textContent = reason;
    this.choose();
  }

  /**
   * The fields that have no action of their own; the field itself can get one for its type alone
   * where it has one of a base.
   */
  offer(destinations, isOwn) {
    this.isOwn = isOwn;
    this.destinationTarget.replaceChildren(
      new Option(text(isOwn ? 'choose_field' : 'this_field'), ''),
      ...destinations.map(({ path, label }) => new Option(label, path)),
    );
    this.choose();
  }

  choose() {
    const isChosen = Boolean(this.destinationTarget.value);
    this.moveTarget.disabled = !isChosen || !this.isPublished;
    this.anotherTarget.disabled =
      (!isChosen && this.isOwn) || Boolean(this.refusal);
  }

  get path() {
    return locate(this.control.field).path;
  }

  save() {
    return this.keep(async (save) => {
      const action = await save({});
      return ['saved', { action }];
    });
  }

  /** As another action: for another field, or for this one of this type of object alone. */
  saveAnother() {
    const destination = this.destinationTarget.value;
    return this.keep(async (save) => {
      const action = await save({ destination, asNew: true });
      return destination
        ? ['moved', moved([destination], 'saved', action, false)]
        : ['saved', { action }];
    });
  }

  move() {
    if (!this.isMovable) return null;
    const { path } = this;
    const destination = this.destinationTarget.value;
    return this.keep(async (save) => {
      const action = await save({ destination });
      return ['moved', moved([path, destination], 'saved', action, true)];
    });
  }

  /** A text that nobody has decided on is in the way: see `llm-saving:moving`. */
  get isMovable() {
    return !this.dispatch('moving', { cancelable: true }).defaultPrevented;
  }

  saveTemplate() {
    const name = this.nameTarget.value.trim();
    if (!name) {
      this.nameTarget.focus();
      return null;
    }
    return this.once(async () => {
      const template = await saveTemplate({ name, ...this.texts });
      return ['template', { template }];
    });
  }

  /** Asks first. */
  remove() {
    this.confirmingTarget.hidden = false;
    this.keepTarget.focus();
  }

  keepIt() {
    this.confirmingTarget.hidden = true;
    this.removeTarget.focus();
  }

  removeNow() {
    if (!this.isMovable) return null;
    const { control, path, version } = this;
    return this.once(async () => {
      await deleteAction(control, path, version);
      const action = { name: control.actionValue };
      return ['moved', moved([path], 'deleted', action, true)];
    });
  }

  /** Gives `work` what saves the action as it stands here, whatever is opened meanwhile. */
  keep(work) {
    const { control, path, changes, version } = this;
    const shared = { version, templateName: this.nameTarget.value.trim() };
    return this.once(() =>
      work((options) =>
        saveAction(control, path, changes, { ...shared, ...options }),
      ),
    );
  }

  /**
   * Does what gives the name of an event and its detail, and tells it; a second press while the
   * first one is on its way does nothing, and neither does an answer for another field.
   */
  async once(work) {
    if (this.isBusy) return;
    this.isBusy = true;
    const { control } = this;
    const tell = (name, detail) =>
      this.control === control && this.dispatch(name, { detail });
    try {
      tell(...(await work()));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      tell('refused', { message: error.message });
    } finally {
      this.isBusy = false;
    }
  }
}

/** Why neither this action nor another one could be saved as it is wanted; blank if it could. */
function refusalOf(rights, { changes, problem }) {
  if (problem) return problem;
  if (changes.model_name) return text('save_model');
  const hasTexts = 'prompt' in changes || 'system_prompt' in changes;
  return hasTexts && !rights.save_template ? text('save_prompt') : '';
}

const moved = (paths, message, { name }, isThis) => ({
  paths,
  isThis,
  message: text(message, { name }),
});
