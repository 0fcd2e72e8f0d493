/**
 * The element is laid out as an image is: the canvas is a replaced element of the picture's size, and
 * the host takes its size from it, from the attributes, or from the page's style sheets, in this
 * order of weakness.
 */
export const STYLES = `
:host { display: inline-block; width: max-content; min-width: 0; min-height: 0; }
:host([hidden]) { display: none; }
canvas {
  display: block; width: 100%; height: 100%;
  object-fit: inherit; object-position: inherit; border-radius: inherit;
}
slot[hidden] { display: none; }
`;

/** An attribute that is a length: pixels, or a part of the container. */
function toLength(value: string | null): string | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)(%?)/.exec(value ?? '');
  if (!match) return undefined;
  return `${match[1]}${match[2] || 'px'}`;
}

/** A number of CSS pixels that an attribute gives; 0 if it gives none. */
export function toPixels(value: string | null): number {
  return /^\s*\d+(\.\d+)?(?!.*%)/.test(value ?? '') ? Math.floor(Number.parseFloat(value!)) : 0;
}

/**
 * The host's rule: attributes are its size, and the ratio of its sides until the picture's own is
 * known, so that nothing on the page moves when the picture comes.
 */
export function sizeRule(
  attributes: { readonly width: string | null; readonly height: string | null },
  natural: { readonly width: number; readonly height: number },
): string {
  const [width, height] = [toLength(attributes.width), toLength(attributes.height)];
  const ratio = [natural.width, natural.height];
  if (!natural.width) {
    ratio[0] = toPixels(attributes.width);
    ratio[1] = toPixels(attributes.height);
  }
  const declarations = [
    width && `width: ${width}`,
    height && `height: ${height}`,
    ratio[0] && ratio[1] && `aspect-ratio: ${ratio[0]} / ${ratio[1]}`,
  ];
  return `:host { ${declarations.filter(Boolean).join('; ')} }`;
}
