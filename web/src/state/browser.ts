// What a browser may refuse a page that was opened from a file or stands in a frame: the clipboard, addresses, storage.

/** Whether the text is on the clipboard now. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // The clipboard may be out of reach; the old way often is not.
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "hidden";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

/** Puts the part after "#" into the address bar; a frame without an address of its own keeps its old one. */
export function writeAddress(hash: string): void {
  try {
    history.replaceState(null, "", hash);
  } catch {
    // nothing to restore from there: the scenario lives as long as the page does
  }
}
