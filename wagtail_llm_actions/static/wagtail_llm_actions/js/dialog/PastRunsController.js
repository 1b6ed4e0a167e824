import { ApiError } from '../api.js';
import { fetchPastRuns, itemOf } from './pastRuns.js';
import { text } from '../strings.js';

/**
 * What was run on the dialog's field before: listed when it is unfolded.
 *
 * @fires llm-past-runs:show - to look at the text of `detail.run` again.
 * @fires llm-past-runs:restore - to look at what stood there before `detail.run`.
 * @fires llm-past-runs:retry - to run `detail.run` again.
 */
export class PastRunsController extends window.StimulusModule.Controller {
  static targets = ['list', 'problem', 'all'];

  /** Folds, for a field. */
  begin(control) {
    this.control = control;
    this.fold();
  }

  fold() {
    this.element.open = false;
    this.forget();
  }

  /** What is asked of the server is of no use any more. */
  forget() {
    this.abort?.abort();
  }

  async list() {
    if (!this.element.open) return;
    this.forget();
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.problemTarget.textContent = '';
    try {
      const answer = await fetchPastRuns(this.control, signal);
      if (!signal.aborted) this.fill(answer);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      this.problemTarget.textContent = error.message;
    }
  }

  fill({ runs, all_url: url }) {
    const choose = (name, run) => this.dispatch(name, { detail: { run } });
    this.listTarget.replaceChildren(
      ...runs.map((run) => itemOf(run, (name) => choose(name, run))),
    );
    this.allTarget.hidden = !url;
    this.allTarget.href = url;
    if (!runs.length) this.problemTarget.textContent = text('no_runs');
  }
}
