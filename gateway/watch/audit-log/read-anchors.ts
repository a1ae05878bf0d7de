/** Reads checkpoints that were kept outside a log: signed notes, or lines of a copy of the log. */
import { type Note, readNotes } from './signed-note.ts';

/** The checkpoints in a text; throws Error if there are none. */
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
