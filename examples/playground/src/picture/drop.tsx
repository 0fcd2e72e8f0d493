import { useEffect, useState } from 'preact/hooks';
import { chooseFile } from '../actions.js';
import { tab } from '../state.js';
import { chooseNetwork } from '../weights/actions.js';

/** A file may be dropped, or pasted, anywhere on the page. */
export function Drop() {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const drag = (event: DragEvent): void => {
      event.preventDefault();
      setOver(event.type === 'dragover');
    };
    const drop = (event: DragEvent): void => {
      drag(event);
      const file = event.dataTransfer?.files[0];
      if (file) take(file);
    };
    const paste = (event: ClipboardEvent): void => {
      const file = event.clipboardData?.files[0];
      if (file) take(file);
    };
    const off = new AbortController();
    const { signal } = off;
    document.addEventListener('dragover', drag, { signal });
    document.addEventListener('dragleave', drag, { signal });
    document.addEventListener('drop', drop, { signal });
    document.addEventListener('paste', paste, { signal });
    return () => off.abort();
  }, []);
  return over ? (
    <div class="drop">{tab.value === 'image' ? 'Drop the photo' : 'Drop the network'}</div>
  ) : null;
}

function take(file: File): void {
  if (tab.value === 'image') void chooseFile(file);
  else chooseNetwork(file, file.name);
}
