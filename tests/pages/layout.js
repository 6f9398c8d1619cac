/* What a picture of the page would show wrong, as a list of texts; run in the page, empty when all is well.
   Words over words, out of their cell, out of the page, on a bar or a point, out of their drawing. */
() => {
  const found = [], width = document.documentElement.clientWidth;
  const told = (what, e, text) =>
    found.push(`${what}: ${text.trim().slice(0, 30)} <${e.tagName.toLowerCase()} ${e.getAttribute('class') || ''}>`);
  // Words that the sheet shows as a sign, or not at all until they have the focus.
  const hidden = '[class^="m-"], .skip, title, desc, style';
  const words = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const e = node.parentElement;
    if (!node.data.trim() || e.closest(hidden) || e.closest('[transform]')) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const cell = e.closest('td, th'), box = cell && cell.getBoundingClientRect();
    const region = e.closest('[role=region], .output_area, pre, .menu');
    const scrolls = region && getComputedStyle(region).overflowX !== 'visible';
    const seen = scrolls ? region.getBoundingClientRect() : null;
    for (const r of range.getClientRects()) {
      if (r.width < 1 || r.height < 1) continue;
      if (cell && (r.left < box.left - 1 || r.right > box.right + 1)) told('out of its cell', e, node.data);
      if (!seen && (r.right > width + 1 || r.left < -1)) told('out of the page', e, node.data);
      if (seen && (r.bottom > seen.bottom + 1 || r.top < seen.top - 1)) continue; // scrolled out of sight
      // A line's box is higher than its letters: its edges may meet the next line.
      const top = r.top + r.height / 4, bottom = r.bottom - r.height / 5;
      words.push({ left: r.left + 1, right: r.right - 1, top, bottom, e, node });
    }
  }
  const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  words.sort((a, b) => a.top - b.top);
  let open = [];
  for (const one of words) {
    open = open.filter(other => other.bottom > one.top);
    for (const other of open)
      if (other.node !== one.node && meet(one, other)) told(`over ${other.node.data.trim().slice(0, 20)}`, one.e, one.node.data);
    open.push(one);
  }
  for (const figure of document.querySelectorAll('figure.chart, figure.timeline')) {
    const shapes = [...figure.querySelectorAll('rect, circle, line.limit, line.last')].map(e => e.getBoundingClientRect());
    for (const one of words.filter(each => figure.contains(each.e)))
      if (shapes.some(shape => meet(one, shape))) told('on a shape', one.e, one.node.data);
  }
  for (const e of document.querySelectorAll('svg text')) {
    const r = e.getBoundingClientRect(), s = e.closest('svg').getBoundingClientRect();
    if (r.width && (r.left < s.left - 2 || r.right > s.right + 2 || r.top < s.top - 4 || r.bottom > s.bottom + 4))
      told('out of its drawing', e, e.textContent);
  }
  return [...new Set(found)];
}
