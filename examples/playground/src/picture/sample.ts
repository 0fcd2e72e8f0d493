import sampleUrl from '../../../photo/kodim23.png?url';
import { loadPicture, type Picture } from './load.js';

export { sampleUrl };

/** The photo that the repository carries. */
export async function loadSample(): Promise<Picture> {
  const response = await fetch(sampleUrl);
  if (!response.ok) throw new Error(`The sample photo answers ${response.status}.`);
  return loadPicture(await response.blob(), 'kodim23.png');
}
