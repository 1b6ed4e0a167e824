/** One text of a run, or one that is still to come, with all that is known of it. */

const NOTHING = {
  /** Of its run; null until it has begun. */
  id: null,
  kind: '',
  output: '',
  /** Code points that the field takes; null for any number. */
  limit: null,
  /** What a person has made of it; undefined where they have not. */
  own: undefined,
  /** What a person wants otherwise in it, as far as it is typed. */
  wish: '',
  /** What was taken from the box to be used. */
  mended: undefined,
  /** How it is to be used, if not as the action says; and how it could be. */
  mode: undefined,
  otherMode: '',
  /** What became of it before the dialog was opened. */
  decision: '',
  isOfHistory: false,
  /** Whether it is no output, but what stood in the field before its run. */
  isOld: false,
  /** The error of an answer that is no value for the field. */
  problem: null,
  /** Whether the form is asked if it takes the text; whether a person has decided to use it or not. */
  isChecking: false,
  isDeciding: false,
};

export class RunText {
  /** @param {object} known - what is known of it already. */
  constructor(known = {}) {
    Object.assign(this, NOTHING, known);
  }

  /** Takes what the server says when the run begins. */
  begin({ run_id: id, max_length: limit, kind, model, template }) {
    Object.assign(this, { id, limit, kind, model, template });
  }

  /** Nobody has done anything with it yet but changed it. */
  renew() {
    const { mended, mode, otherMode, isChecking, isDeciding } = NOTHING;
    Object.assign(this, { mended, mode, otherMode, isChecking, isDeciding });
  }

  get isUnfit() {
    return this.problem !== null;
  }

  /** Whether it is of before the dialog was opened. */
  get isPast() {
    return Boolean(this.decision || this.isOfHistory);
  }

  /** Whether it is the same text as another: a run has an output, and what stood there before it. */
  isSame({ id, isOld }) {
    return this.id === id && this.isOld === isOld;
  }
}
