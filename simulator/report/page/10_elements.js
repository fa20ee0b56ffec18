// Elements are made from text and attributes only; nothing here ever reads markup.

// h('a', {class: 'x', href: '#y', onclick: f}, 'text', child): null attributes and children are left out.
function h(name, attributes, ...children) {
  return fill(document.createElement(name), attributes, children);
}

function s(name, attributes, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : String(value));
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== '') element.append(child);
  }
  return element;
}

function replace(element, ...children) {
  element.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined));
}

// Microseconds since the beginning as people read them; always the same number of digits, so that columns align.
function clock(us) {
  if (us === null || us === undefined) return '';
  const seconds = us / 1e6;
  if (seconds < 600) return seconds.toFixed(3) + ' s';
  const minutes = Math.floor(seconds / 60);
  return minutes + ' min ' + (seconds - minutes * 60).toFixed(1).padStart(4, '0') + ' s';
}

// A long time in words, roughly.
function spell(us) {
  const seconds = Math.round(us / 1e6), minutes = Math.floor(seconds / 60);
  if (seconds < 120) return seconds + ' s';
  return minutes + ' min' + (seconds % 60 ? ' ' + (seconds % 60) + ' s' : '');
}

function duration(us) {
  if (us < 1000) return us + ' µs';
  return us < 1e6 ? (us / 1000).toFixed(1) + ' ms' : clock(us);
}

function count(n, one, many) {
  return n.toLocaleString('en') + ' ' + (n === 1 ? one : many || one + 's');
}

// The root's font size: all heights follow it.
function rem() {
  return parseFloat(getComputedStyle(document.documentElement).fontSize);
}

// The width of a text in pixels, in the page's own letters.
function widthOf(text, weight, size) {
  widthOf.context = widthOf.context || document.createElement('canvas').getContext('2d');
  widthOf.context.font = weight + ' ' + size + 'px ' + getComputedStyle(document.body).fontFamily;
  return widthOf.context.measureText(text).width;
}

function isNarrow() {
  return matchMedia('(max-width: 759px)').matches;
}

function isCalm() {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}

// A list that grows on demand: the first `step` entries, then a button for more.
function growing(entries, step, render, noun) {
  const list = h('div', {class: 'growing'});
  let shown = 0;
  const button = h('button', {type: 'button', class: 'more', onclick: () => more()});
  function more() {
    button.remove();
    for (const entry of entries.slice(shown, shown + step)) list.append(render(entry));
    shown = Math.min(entries.length, shown + step);
    if (shown < entries.length) {
      button.textContent = 'Show ' + count(Math.min(step, entries.length - shown), 'more ' + noun) + ' of ' +
          (entries.length - shown).toLocaleString('en');
      list.append(button);
    }
  }
  more();
  // Grows until `entry` is there.
  list.reveal = (entry) => {
    const place = entries.indexOf(entry);
    while (place >= shown && shown < entries.length) more();
  };
  return list;
}
