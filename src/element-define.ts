/**
 * Defines `<shv-image>`: the entry point `shvq/element/define`, for pages with a script tag.
 *
 *     <script type="module" src="/shvq/element-define.js"></script>
 *     <shv-image src="photo.shv" alt="A harbour" width="768" height="512"></shv-image>
 */
import { defineShvImage } from './element.js';

defineShvImage();
