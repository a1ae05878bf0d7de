/** Checkpoints that were kept outside of a log: as they were signed, or in lines of a copy of it. */
import { type Note, readNotes } from './signed-note.ts';

/** The checkpoints in a text; throws Error where there is none. */
export function readAnchors(text: string): Note[] {
  const notes = text.trimStart().startsWith('{')
    ? text.split('\n').flatMap((line) => readNotes(noteIn(line)).notes)
    : readNotes(text).notes;
  if (notes.length === 0) throw new Error('there is no checkpoint in it');
  return notes;
}

const noteForm = /"checkpoint":\{"note":("(?:[^"\\]|\\.)*")\}/;

function noteIn(line: string): string {
  const text = noteForm.exec(line)?.[1];
  return text === undefined ? '' : String(JSON.parse(text));
}
