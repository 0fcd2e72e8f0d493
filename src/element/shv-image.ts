import { ShvqError } from '../format/errors.js';
import type { DecodedInfo } from '../types.js';
import { PictureCanvas } from './canvas.js';
import { type RowDecoder, sharedDecoder } from './decoding.js';
import { loadPicture } from './load.js';
import { STYLES, sizeRule, toPixels } from './styles.js';

/** How far from the viewport a lazy picture starts to load. */
const LAZY_MARGIN = '800px';

/** A server that renders pages may import the class; it has no elements to make of it. */
const Base = globalThis.HTMLElement ?? (class {} as unknown as typeof HTMLElement);

/** One attempt at a picture. */
interface Load {
  readonly url: URL;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/**
 * `<shv-image src alt width height loading="lazy">`: shows a .shv picture as `<img>` shows others.
 *
 * Events, which do not bubble: `load`; `error`, an ErrorEvent with the ShvqError; `progress`, a
 * ProgressEvent whose `loaded` and `total` count pixels. What the element contains, or its `alt`, is
 * shown where the picture cannot be.
 */
export class ShvImage extends Base {
  static readonly observedAttributes = ['src', 'alt', 'width', 'height', 'loading'];

  readonly #root: ShadowRoot;
  readonly #internals: ElementInternals;
  #rule: CSSStyleSheet | undefined;
  readonly #alternative: HTMLSlotElement;
  #canvas: HTMLCanvasElement;
  #natural = { width: 0, height: 0 };
  #load: Load | undefined;
  #finished: Load | undefined;
  #visibility: IntersectionObserver | undefined;

  constructor() {
    super();
    this.#internals = this.attachInternals();
    this.#root = this.attachShadow({ mode: 'open' });
    this.#canvas = this.#emptyCanvas();
    this.#alternative = this.ownerDocument.createElement('slot');
    this.#alternative.hidden = true;
    this.#root.append(this.#canvas, this.#alternative);
    this.#describe();
    this.#style();
  }

  get src(): string {
    return this.#resolve()?.href ?? '';
  }
  set src(value: string) {
    this.setAttribute('src', value);
  }

  get alt(): string {
    return this.getAttribute('alt') ?? '';
  }
  set alt(value: string) {
    this.setAttribute('alt', value);
  }

  /** The width that it is shown at, or else its own, in CSS pixels. */
  get width(): number {
    return this.clientWidth || toPixels(this.getAttribute('width')) || this.#natural.width;
  }
  set width(value: number) {
    this.setAttribute('width', String(value));
  }

  get height(): number {
    return this.clientHeight || toPixels(this.getAttribute('height')) || this.#natural.height;
  }
  set height(value: number) {
    this.setAttribute('height', String(value));
  }

  get loading(): 'eager' | 'lazy' {
    return this.getAttribute('loading')?.toLowerCase() === 'lazy' ? 'lazy' : 'eager';
  }
  set loading(value: 'eager' | 'lazy') {
    this.setAttribute('loading', value);
  }

  /** The picture's own size in pixels; 0 before its header has been read. */
  get naturalWidth(): number {
    return this.#natural.width;
  }
  get naturalHeight(): number {
    return this.#natural.height;
  }

  /** The address of the picture that is shown or being loaded. */
  get currentSrc(): string {
    return this.#load?.url.href ?? '';
  }

  /** There is nothing to load, or it has been loaded, or it has failed. */
  get complete(): boolean {
    return !this.getAttribute('src') || (this.#load !== undefined && this.#load === this.#finished);
  }

  /** The picture as it is painted: for `toBlob`, or to draw it elsewhere. */
  get canvas(): HTMLCanvasElement {
    return this.#canvas;
  }

  /**
   * Loads the picture, lazy or not, and waits until it is painted.
   *
   * @throws ShvqError
   */
  async decode(): Promise<void> {
    if (!this.#load) this.#start();
    if (!this.#load) throw new ShvqError('BAD_INPUT', 'The element has no src');
    await this.#load.done;
  }

  connectedCallback(): void {
    if (!this.#load) this.#schedule();
  }

  disconnectedCallback(): void {
    // Moving an element disconnects it for a moment.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#visibility?.disconnect();
      if (!this.complete) this.#cancel();
    });
  }

  adoptedCallback(): void {
    this.#style();
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (name === 'src' || name === 'loading') {
      if (name === 'src') this.#cancel();
      if (!this.#load) this.#schedule();
    }
    if (before === after) return;
    if (name === 'alt') this.#describe();
    if (name === 'width' || name === 'height') this.#layOut();
  }

  /** What decodes; subclasses may choose. */
  protected decoder(): Promise<RowDecoder> {
    return sharedDecoder.get();
  }

  #emptyCanvas(): HTMLCanvasElement {
    const canvas = this.ownerDocument.createElement('canvas');
    canvas.width = 0;
    canvas.height = 0;
    return canvas;
  }

  #resolve(): URL | undefined {
    const src = this.getAttribute('src');
    if (!src) return undefined;
    try {
      return new URL(src, this.ownerDocument.baseURI);
    } catch {
      return undefined;
    }
  }

  /** Name and role, as an image has them: an empty alt says that there is nothing to tell. */
  #describe(): void {
    const alt = this.getAttribute('alt');
    this.#internals.role = alt === '' ? 'none' : 'img';
    this.#internals.ariaLabel = alt;
    this.#alternative.textContent = alt;
  }

  /** Style sheets belong to a document, which takes them off what leaves it. */
  #style(): void {
    const view = this.ownerDocument.defaultView;
    if (!view) return;
    const sheet = new view.CSSStyleSheet();
    sheet.replaceSync(STYLES);
    this.#rule = new view.CSSStyleSheet();
    this.#root.adoptedStyleSheets = [sheet, this.#rule];
    this.#layOut();
  }

  #layOut(): void {
    const [width, height] = [this.getAttribute('width'), this.getAttribute('height')];
    this.#rule?.replaceSync(sizeRule({ width, height }, this.#natural));
  }

  #show(canvas: HTMLCanvasElement, natural: { width: number; height: number }): void {
    this.#canvas.replaceWith(canvas);
    this.#canvas = canvas;
    this.#natural = natural;
    this.#layOut();
  }

  /** Loads now, or when the element comes near the viewport. */
  #schedule(): void {
    this.#visibility?.disconnect();
    if (!this.getAttribute('src')) {
      this.#show(this.#emptyCanvas(), { width: 0, height: 0 });
      this.#alternative.hidden = true;
      return;
    }
    if (this.loading === 'eager') {
      this.#start();
      return;
    }
    if (!this.isConnected) return;
    this.#visibility = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) this.#start();
      },
      { rootMargin: LAZY_MARGIN },
    );
    this.#visibility.observe(this);
  }

  #cancel(): void {
    this.#load?.abort.abort();
    this.#load = undefined;
    this.#internals.ariaBusy = null;
  }

  #start(): void {
    this.#visibility?.disconnect();
    if (this.#load || !this.getAttribute('src')) return;
    const abort = new AbortController();
    const url = this.#resolve();
    const done = url ? this.#run(url, abort.signal) : this.#invalid();
    const load: Load = { url: url ?? new URL('about:invalid'), abort, done };
    this.#load = load;
    this.#internals.ariaBusy = 'true';
    done.then(
      () => this.#finish(load),
      (error) => this.#finish(load, error),
    );
  }

  async #invalid(): Promise<void> {
    throw new ShvqError('BAD_INPUT', `src is no address: ${this.getAttribute('src')}`);
  }

  async #run(url: URL, signal: AbortSignal): Promise<void> {
    let canvas: PictureCanvas | undefined;
    let total = 0;
    let loaded = 0;
    const open = (info: DecodedInfo): void => {
      signal.throwIfAborted();
      canvas = new PictureCanvas(this.ownerDocument, info);
      total = info.width * info.height;
      this.#alternative.hidden = true;
      this.#show(canvas.element, { width: info.width, height: info.height });
    };
    const anonymous = this.getAttribute('crossorigin') !== 'use-credentials';
    const request: RequestInit = {
      credentials: anonymous ? 'same-origin' : 'include',
      referrerPolicy: (this.getAttribute('referrerpolicy') ?? '') as ReferrerPolicy,
      priority: (this.getAttribute('fetchpriority') ?? 'auto') as RequestPriority,
    };
    await loadPicture(
      this.decoder(),
      { url, request, signal },
      {
        open,
        paint: (strip) => {
          signal.throwIfAborted();
          canvas!.paint(strip);
          loaded += strip.width * strip.height;
          this.dispatchEvent(
            new ProgressEvent('progress', { lengthComputable: true, loaded, total }),
          );
        },
      },
    );
  }

  #finish(load: Load, error?: unknown): void {
    if (load !== this.#load) return;
    this.#finished = load;
    this.#internals.ariaBusy = null;
    if (error === undefined) {
      this.dispatchEvent(new Event('load'));
      return;
    }
    this.#show(this.#emptyCanvas(), { width: 0, height: 0 });
    this.#alternative.hidden = false;
    const message = error instanceof Error ? error.message : String(error);
    this.dispatchEvent(new ErrorEvent('error', { error, message }));
  }
}
