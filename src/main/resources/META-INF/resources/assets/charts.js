// Curves of the last minutes, drawn by uPlot in the colours of the page.
const SECONDS = 180;
const value = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const text = (id, content) => { document.getElementById(id).textContent = content; };

export function bytes(count) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let at = 0;
  let number = count;
  while (number >= 1024 && at < units.length - 1) {
    number /= 1024;
    at++;
  }
  return `${at === 0 || number >= 100 || Number.isInteger(number) ? Math.round(number) : number.toFixed(1)} ${units[at]}`;
}
const percent = (number) => `${number > 0 && number < 10 ? number.toFixed(1) : Math.round(number)} %`;
/** Steps of an axis in powers of two, so that its marks are round numbers of MiB. */
const BINARY_STEPS = Array.from({ length: 44 }, (_, power) => 2 ** power);

function build(box, format, top, steps) {
  const grid = { stroke: value('--line'), width: 1 };
  const axis = { stroke: value('--quiet'), font: '11px system-ui, sans-serif', grid, ticks: { show: false } };
  const options = {
    width: Math.max(box.clientWidth, 100),
    height: box.clientHeight,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 28, 0, 0], // the last time's label stands to half beside the curve
    scales: { x: { time: true, range: (_, __, max) => [max - SECONDS, max] }, y: { range: (_, __, max) => [0, Math.max(top, (max ?? 0) * 1.15)] } },
    axes: [
      { ...axis, size: 24, space: 90, values: (_, ticks) => ticks.map((tick) => new Date(tick * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })) },
      { ...axis, size: 62, space: 34, ...(steps && { incrs: steps }), values: (_, ticks) => ticks.map(format) },
    ],
    series: [{}, { stroke: value('--accent'), width: 2, fill: `${value('--accent')}26`, points: { show: false } }],
  };
  return new window.uPlot(options, [[], []], box);
}

export function charts() {
  const cpuBox = document.getElementById('cpu-chart');
  const memoryBox = document.getElementById('memory-chart');
  const times = [];
  const cpu = [];
  const memory = [];
  let plots = null;

  function draw() {
    plots ??= [build(cpuBox, percent, 10), build(memoryBox, bytes, 4 * 1024 * 1024, BINARY_STEPS)];
    plots[0].setData([times, cpu]);
    plots[1].setData([times, memory]);
  }
  function rebuild() {
    plots?.forEach((plot) => plot.destroy());
    plots = null;
    if (times.length) draw();
  }
  new ResizeObserver(() => plots?.forEach((plot) => plot.setSize({ width: plot.root.parentElement.clientWidth, height: plot.root.parentElement.clientHeight }))).observe(cpuBox);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', rebuild);

  return {
    add(sample) {
      times.push(sample.at / 1000);
      cpu.push(sample.cpu);
      memory.push(sample.memory);
      while (times[0] < sample.at / 1000 - SECONDS) {
        times.shift();
        cpu.shift();
        memory.shift();
      }
      if (sample.cpu !== null) text('cpu-now', percent(sample.cpu));
      text('memory-now', sample.limit > 0 ? `${bytes(sample.memory)} / ${bytes(sample.limit)}` : bytes(sample.memory));
      text('received-now', bytes(sample.received));
      text('sent-now', bytes(sample.sent));
      text('read-now', bytes(sample.read));
      text('written-now', bytes(sample.written));
      text('pids-now', sample.pids);
      draw();
    },
  };
}
