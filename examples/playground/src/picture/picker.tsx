import { chooseFile } from '../actions.js';
import { FilePicker } from '../parts/file-picker.js';

export function Picker({ label, primary = false }: { label: string; primary?: boolean }) {
  const choose = (file: File) => void chooseFile(file);
  return <FilePicker label={label} accept="image/*" primary={primary} onFile={choose} />;
}
