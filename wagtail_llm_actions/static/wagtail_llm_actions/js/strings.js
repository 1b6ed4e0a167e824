/** Configuration and translated texts, both rendered by the server. */

let texts = null;

/** Returns the URLs that the server wrote on the script element. */
export function config() {
  return document.getElementById('llm-actions-main').dataset;
}

/** Returns the translated text called `name`, with its `%(placeholders)s` filled. */
export function text(name, values = {}) {
  texts ??= parse('llm-actions-strings');
  return fill(texts[name], values);
}

/** Adds the texts of the JSON script with this id, as the dialog's do when it is fetched. */
export function addTexts(id) {
  texts = { ...(texts ?? parse('llm-actions-strings')), ...parse(id) };
}

/**
 * Returns the form of a text that its `count` takes in the interface's language.
 *
 * The server sends one form for each plural category of the Unicode CLDR.
 */
export function plural(name, values) {
  texts ??= parse('llm-actions-strings');
  return fill(
    pluralForm(texts[name], values.count, document.documentElement.lang),
    values,
  );
}

/** Picks from `forms`, keyed by plural category, the one for `count`. */
export function pluralForm(forms, count, language) {
  const category = new Intl.PluralRules(language || 'en').select(count);
  return forms[category] ?? forms.other;
}

/** Replaces each `%(name)s` by its value. */
export function fill(template, values) {
  return template.replace(
    /%\((\w+)\)s/g,
    (match, name) => values[name] ?? match,
  );
}

function parse(id) {
  return JSON.parse(document.getElementById(id).textContent);
}
