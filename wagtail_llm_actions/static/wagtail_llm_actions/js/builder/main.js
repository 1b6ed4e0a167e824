/** Brings the forms of LLM actions and LLM configurations to life; they load it with their panels. */
import { addTexts } from '../strings.js';
import { DestinationController } from './DestinationController.js';
import { ModelsController } from './ModelsController.js';
import { SourcesController } from './SourcesController.js';
import { TrialController } from './TrialController.js';

addTexts('llm-builder-strings');
window.wagtail.app.register('llm-sources', SourcesController);
window.wagtail.app.register('llm-trial', TrialController);
window.wagtail.app.register('llm-models', ModelsController);
// Last: it tells the others which type is chosen.
window.wagtail.app.register('llm-destination', DestinationController);
