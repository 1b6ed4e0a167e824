import js from '@eslint/js';
import globals from 'globals';

export default [
  { ignores: ['**/node_modules/', '.venv*/', 'docs/_build/', 'sandbox/var/', 'tests/var/', 'var/'] },
  js.configs.recommended,
  {
    files: ['**/*.js'],
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    languageOptions: {
      ecmaVersion: 2022,
      sourceType: 'module',
      globals: globals.browser,
    },
    rules: {
      'no-console': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      eqeqeq: 'error',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-restricted-properties': [
        'error',
        { property: 'innerHTML', message: 'Model output is untrusted: use textContent.' },
        { property: 'outerHTML', message: 'Model output is untrusted: use textContent.' },
        { property: 'insertAdjacentHTML', message: 'Model output is untrusted.' },
      ],
    },
  },
];
