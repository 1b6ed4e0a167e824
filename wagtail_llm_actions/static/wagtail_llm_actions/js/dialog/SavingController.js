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
 * @fires llm-saving:refused - when nothing was saved; `detail.message`.
 */
export class SavingController extends window.StimulusModule.Controller {
  static targets = [
    'naming',
    'name',
    'template',
    'serves',
    'save',
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
   * @param {object} changes - what is otherwise than in the action.
   * @param {object} texts - `prompt` and `system_prompt` as they stand there.
   */
  show({ rights, edit_url: url, serves, choices, request }, changes, texts) {
    Object.assign(this, { changes, texts, hasAction: Boolean(request) });
    const isChanged = Object.keys(changes).length > 0;
    const hasTexts = 'prompt' in changes || 'system_prompt' in changes;
    this.element.hidden = !Object.values(rights).includes(true);
    this.servesTarget.textContent = serves;
    this.saveTarget.hidden = !rights.save;
    this.saveTarget.disabled = !isChanged;
    this.namingTarget.hidden = !hasTexts || !rights.save_template;
    this.othersTarget.hidden = !this.hasAction;
    this.anotherTarget.hidden = !rights.save_as;
    this.moveTarget.hidden = !rights.save;
    this.removeTarget.hidden = !rights.delete;
    this.ownTarget.hidden = !url;
    if (url) this.ownTarget.href = url;
    if (choices && !this.destinationTarget.length)
      this.offer(choices.destinations);
  }

  /** The fields that have no action of their own; the field itself can get one of its type. */
  offer(destinations) {
    this.destinationTarget.replaceChildren(
      new Option(text('this_field'), ''),
      ...destinations.map(({ path, label }) => new Option(label, path)),
    );
    this.choose();
  }

  choose() {
    this.moveTarget.disabled = !this.destinationTarget.value;
  }

  get path() {
    return locate(this.control.field).path;
  }

  get options() {
    return { templateName: this.nameTarget.value.trim() };
  }

  save() {
    return this.once(async () => {
      const { control, path, changes, options } = this;
      const action = await saveAction(control, path, changes, options);
      this.dispatch('saved', { detail: { action } });
    });
  }

  /** As another action: for another field, or for this one of this type of object alone. */
  saveAnother() {
    return this.once(async () => {
      const { control, path, changes, options } = this;
      const destination = this.destinationTarget.value;
      const action = await saveAction(control, path, changes, {
        ...options,
        destination,
        asNew: true,
      });
      if (destination) this.tell([destination], 'saved', action, false);
      else this.dispatch('saved', { detail: { action } });
    });
  }

  move() {
    return this.once(async () => {
      const { control, path, changes, options } = this;
      const destination = this.destinationTarget.value;
      const action = await saveAction(control, path, changes, {
        ...options,
        destination,
      });
      this.tell([path, destination], 'saved', action, true);
    });
  }

  saveTemplate() {
    return this.once(async () => {
      const name = this.nameTarget.value.trim();
      if (!name) {
        this.nameTarget.focus();
        return;
      }
      const template = await saveTemplate({ name, ...this.texts });
      this.dispatch('template', { detail: { template } });
    });
  }

  /** Asks first. */
  remove() {
    this.confirmingTarget.hidden = false;
    this.keepTarget.focus();
  }

  keep() {
    this.confirmingTarget.hidden = true;
    this.removeTarget.focus();
  }

  removeNow() {
    return this.once(async () => {
      const { control, path } = this;
      await deleteAction(control, path);
      this.tell([path], 'deleted', { name: control.actionValue }, true);
    });
  }

  tell(paths, message, { name }, isThis) {
    const detail = { paths, isThis, message: text(message, { name }) };
    this.dispatch('moved', { detail });
  }

  /** A second press while the first one is on its way does nothing. */
  async once(work) {
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.dispatch('refused', { detail: { message: error.message } });
    } finally {
      this.isBusy = false;
    }
  }
}
