/**
 * The members of a JSON object as they are written: name to the bytes of its value. `JSON.parse` would read digits as a double and blanks
 * not at all. Fails for what is not one JSON object.
 */
export function jsonMembers(json: string): Map<string, string> {
  JSON.parse(json);
  const members = new Map<string, string>();
  let at = json.indexOf('{') + 1;
  while (json[at] !== '}') {
    const nameEnd = valueEnd(json, at);
    const end = valueEnd(json, nameEnd + 1);
    members.set(JSON.parse(json.slice(at, nameEnd)) as string, json.slice(nameEnd + 1, end));
    at = json[end] === ',' ? end + 1 : end;
  }
  return members;
}

/** The elements of a JSON array as they are written. */
export function jsonElements(json: string): string[] {
  JSON.parse(json);
  const elements: string[] = [];
  let at = json.indexOf('[') + 1;
  while (json[at] !== ']') {
    const end = valueEnd(json, at);
    elements.push(json.slice(at, end));
    at = json[end] === ',' ? end + 1 : end;
  }
  return elements;
}

/** Where the value that begins at `start` ends: at the next `,`, `:`, `}` or `]` of its own level. */
function valueEnd(json: string, start: number): number {
  const tokens = /"(?:[^"\\]|\\.)*"|[[\]{},:]/gsy;
  let depth = 0;
  for (let at = start; at < json.length; at++) {
    tokens.lastIndex = at;
    const token = tokens.exec(json)?.[0];
    if (token === undefined) continue;
    if (token === '{' || token === '[') depth += 1;
    else if (depth === 0 && token.length === 1) return at;
    else if (token === '}' || token === ']') depth -= 1;
    at += token.length - 1;
  }
  return json.length;
}
