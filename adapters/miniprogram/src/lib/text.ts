// 长文: lines that begin with `## ` are headings, paragraphs are parted by blank lines.

export interface Part {
  at: number;
  heading: boolean;
  text: string;
}

export function paragraphs(body: string): Part[] {
  const parts: Part[] = [];
  let open: string[] = [];
  const close = () => {
    if (open.length) parts.push({ at: parts.length, heading: false, text: open.join('\n') });
    open = [];
  };
  for (const line of body.split('\n')) {
    const text = line.trim();
    if (text.startsWith('## ')) {
      close();
      parts.push({ at: parts.length, heading: true, text: text.slice('## '.length) });
    } else if (text) open.push(text);
    else close();
  }
  close();
  return parts;
}
