/** A document for the parts of the page editor that need one; without jsdom their tests are left out. */

const { JSDOM } = await import('jsdom').catch(() => ({}));

/** For a test's options: why it cannot run, if it cannot. */
export const skip = JSDOM ? false : 'jsdom is not installed: npm ci';

const TEXTS = {
  between_items: ', ',
  change_add: 'Add “%(added)s”',
  change_remove: 'Remove “%(removed)s”',
  change_replace: 'Replace “%(removed)s” by “%(added)s”',
  current_text: 'Current text',
  empty: 'Empty',
  length: { one: '%(count)s character', other: '%(count)s characters' },
  source_used: 'Read as %(name)s',
  length_of: '%(count)s / %(limit)s characters',
  text_letter: 'Text %(letter)s',
  text_number: 'Text %(number)s',
  with_detail: '%(name)s (%(detail)s)',
};

/** Makes a document with this body the global one. */
export function setDocument(body) {
  if (!JSDOM) return;
  const { window } = new JSDOM(
    `<script type="application/json" id="llm-actions-strings">${JSON.stringify(TEXTS)}</script>
     <script type="application/json" id="wagtail-config">{"CSRF_TOKEN": "t", "CSRF_HEADER_NAME": "X"}</script>
     <script id="llm-actions-main" data-api-url="/api/"></script>${body}`,
    { url: 'http://localhost/' },
  );
  globalThis.window = window;
  globalThis.document = window.document;
  globalThis.Option = window.Option;
}

/** Imports a module of the dialog, which may look for the document at once. */
export const dialogModule = (name) =>
  skip
    ? {}
    : import(
        `../../wagtail_llm_actions/static/wagtail_llm_actions/js/dialog/${name}.js`
      );

export const byId = (id) => document.getElementById(id);
