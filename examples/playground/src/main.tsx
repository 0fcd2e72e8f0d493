/** Drop a photo, read off what it costs in shvq, JPEG, WebP and AVIF: `npm run playground`. */
import '@fontsource-variable/hanken-grotesk';
import '@fontsource-variable/jetbrains-mono';
import { render } from 'preact';
import { App } from './app.js';
import './style/tokens.css';
import './style/page.css';
import './style/controls.css';
import './style/viewer.css';
import './style/results.css';
import './style/weights.css';

render(<App />, document.getElementById('app')!);
