"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const plots = [];
  const whole = { min: data.start, max: Math.max(data.end, data.start + 60) };
  let shown = { ...whole };
  const zoomOut = document.getElementById("zoom-out");

  // A palette that holds 3:1 against both papers; the words beside a line say which it is.
  const palette = ["#2f7ed8", "#c05c00", "#2b8a3e", "#a23bb5", "#b5832a", "#00808a", "#c7385f", "#6b7280"];
  const css = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const stateColor = { ALARM: "--alarm", OK: "--ok", INSUFFICIENT_DATA: "--insufficient" };

  function short(value) {
    if (value === null || value === undefined) return "no data";
    const size = Math.abs(value);
    if (size >= 1e9) return (value / 1e9).toPrecision(4) + " G";
    if (size >= 1e6) return (value / 1e6).toPrecision(4) + " M";
    return Number(value.toPrecision(5)).toString();
  }

  const clock = (seconds) => new Date(seconds * 1000).toISOString().slice(11, 19);

  // 24-hour clock, UTC; the day where it changes.
  function moments(ticks, step) {
    let day = "";
    return ticks.map((tick) => {
      const text = new Date(tick * 1000).toISOString();
      const date = text.slice(5, 10);
      const label = step >= 86400 ? date : text.slice(11, step < 60 ? 19 : 16);
      const changed = step < 86400 && date !== day;
      day = date;
      return changed ? `${label}\n${date}` : label;
    });
  }

  // uPlot wants one list of times for all lines: the union, with null where a line has no point.
  function aligned(traces) {
    const times = [...new Set(traces.flatMap((trace) => trace.times))].sort((a, b) => a - b);
    const place = new Map(times.map((time, index) => [time, index]));
    return [times, ...traces.map((trace) => {
      const row = new Array(times.length).fill(null);
      trace.times.forEach((time, i) => { row[place.get(time)] = trace.values[i]; });
      return row;
    })];
  }

  function decorate(chart) {
    return {
      hooks: {
        drawClear: [(plot) => {
          const { ctx, bbox } = plot;
          ctx.save();
          ctx.beginPath();
          ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
          ctx.clip();
          for (const interval of chart.intervals) {
            if (interval.state !== "ALARM") continue;
            const left = plot.valToPos(interval.start, "x", true);
            const right = plot.valToPos(interval.end, "x", true);
            ctx.fillStyle = css("--alarm");
            ctx.globalAlpha = 0.14;
            ctx.fillRect(left, bbox.top, Math.max(2, right - left), bbox.height);
          }
          ctx.restore();
        }],
        draw: [(plot) => {
          const { ctx, bbox } = plot;
          for (const mark of chart.marks) {
            const y = plot.valToPos(mark.value, mark.axis === "right" ? "right" : "y", true);
            if (!Number.isFinite(y) || y < bbox.top || y > bbox.top + bbox.height) continue;
            ctx.save();
            ctx.strokeStyle = ctx.fillStyle = mark.color || css("--alarm");
            if (mark.fill) {
              ctx.globalAlpha = 0.07;
              const top = mark.fill === "above" ? bbox.top : y;
              ctx.fillRect(bbox.left, top, bbox.width, mark.fill === "above" ? y - bbox.top : bbox.top + bbox.height - y);
              ctx.globalAlpha = 1;
            }
            ctx.setLineDash([6, 4]);
            ctx.lineWidth = 1.5;
            ctx.beginPath();
            ctx.moveTo(bbox.left, y);
            ctx.lineTo(bbox.left + bbox.width, y);
            ctx.stroke();
            ctx.textAlign = "left";
            ctx.textBaseline = "bottom";
            ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
            // A dashboard's colours are chosen for lines: words take the page's own ink.
            ctx.fillStyle = css("--ink");
            ctx.fillText(`${mark.label} (${short(mark.value)})`, bbox.left + 4, y - 2 * devicePixelRatio);
            ctx.restore();
          }
        }],
      },
    };
  }

  function range(limits, marks, axis) {
    return (plot, low, high) => {
      const values = marks.filter((m) => m.axis === axis).map((m) => m.value);
      let min = Math.min(low ?? Infinity, ...values);
      let max = Math.max(high ?? -Infinity, ...values);
      if (!Number.isFinite(min)) { min = 0; max = 1; }
      if (min > 0 && min < 0.6 * max) min = 0;
      if (min === max) max = min + (Math.abs(min) || 1);
      const pad = (max - min) * 0.08;
      return [limits[0] ?? (min === 0 ? 0 : min - pad), limits[1] ?? max + pad];
    };
  }

  function build(id, chart) {
    const home = document.getElementById(id);
    if (!home || home.dataset.built) return;
    home.dataset.built = "yes";
    const readout = document.getElementById(id + "-readout");
    const hasRight = chart.traces.some((trace) => trace.axis === "right");
    const axis = (extra) => ({
      stroke: () => css("--quiet"), grid: { stroke: () => css("--grid"), width: 1 },
      ticks: { stroke: () => css("--grid"), width: 1 }, font: "11px system-ui, sans-serif", ...extra,
    });
    const color = (trace, i) => trace.color || palette[i % palette.length];
    const say = (index) => {
      const known = index !== null && index !== undefined;
      readout.replaceChildren(known ? `${clock(plot.data[0][index])}  ` : "");
      chart.traces.forEach((trace, i) => {
        const row = plot.data[i + 1];
        const value = known ? row[index] : row.findLast((v) => v !== null);
        const part = document.createElement("span");
        const swatch = document.createElement("i");
        swatch.style.background = color(trace, i);
        part.append(swatch, `${trace.label} ${short(value)}`);
        readout.append(part);
      });
    };
    const values = aligned(chart.traces);
    const options = {
      width: Math.max(120, home.clientWidth), height: Math.max(120, home.clientHeight),
      padding: [10, hasRight ? 0 : 12, 0, 0],
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      cursor: { sync: { key: "all" }, drag: { x: true, y: false, setScale: false }, points: { size: 6 } },
      legend: { show: false },
      scales: {
        x: { time: true, range: () => [shown.min, shown.max] },
        y: { range: range(chart.left_range, chart.marks, "left") },
        right: { range: range(chart.right_range, chart.marks, "right") },
      },
      axes: [
        axis({ values: (_, ticks, __, ___, step) => moments(ticks, step) }),
        axis({ size: 58, label: chart.left_label || undefined, labelSize: chart.left_label ? 16 : 0, labelFont: "11px system-ui", values: (_, ticks) => ticks.map(short) }),
        ...(hasRight ? [axis({ side: 1, scale: "right", size: 58, grid: { show: false }, label: chart.right_label || undefined, labelSize: chart.right_label ? 16 : 0, labelFont: "11px system-ui", values: (_, ticks) => ticks.map(short) })] : []),
      ],
      series: [{}, ...chart.traces.map((trace, i) => ({
        label: trace.label, scale: trace.axis === "right" ? "right" : "y", stroke: color(trace, i),
        width: 1.75, points: { show: trace.values.length < 40, size: 4 }, spanGaps: false,
      }))],
      plugins: [decorate(chart)],
      hooks: {
        setCursor: [(u) => say(u.cursor.idx)],
        setSelect: [(u) => {
          if (u.select.width > 4) {
            zoom(u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x"));
            u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          }
        }],
      },
    };
    const plot = new uPlot(options, values, home);
    plots.push({ plot, home });
    say(null);
    home.addEventListener("dblclick", () => zoom(whole.min, whole.max));
    home.addEventListener("keydown", (event) => keys(event, plot, say));
  }

  function keys(event, plot, say) {
    const times = plot.data[0];
    const middle = plot.cursor.idx ?? times.length - 1;
    const span = shown.max - shown.min;
    const at = times[middle] ?? shown.min + span / 2;
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      const next = Math.min(times.length - 1, Math.max(0, middle + (event.key === "ArrowLeft" ? -1 : 1)));
      plot.setCursor({ left: plot.valToPos(times[next], "x"), top: plot.over.clientHeight / 2 });
      say(next);
    } else if (event.key === "+" || event.key === "=") zoom(at - span / 4, at + span / 4);
    else if (event.key === "-") zoom(at - span, at + span);
    else if (event.key === "Escape" || event.key === "0") zoom(whole.min, whole.max);
    else return;
    event.preventDefault();
  }

  function zoom(min, max) {
    min = Math.max(whole.min, min);
    max = Math.min(whole.max, max);
    if (max - min < 60) { const middle = (min + max) / 2; min = middle - 30; max = middle + 30; }
    shown = { min, max };
    zoomOut.disabled = min <= whole.min && max >= whole.max;
    root.dataset.zoomed = zoomOut.disabled ? "no" : "yes";
    for (const { plot } of plots) plot.setScale("x", { min, max });
  }
  zoomOut.addEventListener("click", () => zoom(whole.min, whole.max));

  // Charts are drawn when they come near the window; their places are fixed, so nothing moves.
  const near = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      near.unobserve(entry.target);
      build(entry.target.id, data.charts[entry.target.id]);
    }
  }, { rootMargin: "600px" });
  for (const id of Object.keys(data.charts)) {
    const home = document.getElementById(id);
    if (home) near.observe(home);
  }

  const resize = new ResizeObserver(() => {
    for (const { plot, home } of plots) {
      const width = Math.max(120, home.clientWidth);
      const height = Math.max(120, home.clientHeight);
      if (width !== plot.width || height !== plot.height) plot.setSize({ width, height });
    }
  });
  resize.observe(document.body);

  const theme = document.getElementById("theme");
  const redraw = () => plots.forEach(({ plot }) => plot.redraw(false, true));
  theme.addEventListener("change", () => { root.dataset.theme = theme.value; redraw(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);

  const find = document.getElementById("find");
  const fired = document.getElementById("fired");
  function filter() {
    let count = 0;
    for (const card of document.querySelectorAll(".card")) {
      card.hidden = !card.dataset.name.toLowerCase().includes(find.value.trim().toLowerCase()) || (fired.checked && card.dataset.fired === "no");
      count += card.hidden ? 0 : 1;
    }
    document.getElementById("count").textContent = `${count} alarms`;
  }
  if (find) {
    find.form.addEventListener("submit", (event) => event.preventDefault());
    find.addEventListener("input", filter);
    fired.addEventListener("change", filter);
  }

  if (data.reload) {
    let seen = null;
    setInterval(async () => {
      try {
        const answer = await fetch(`version?token=${data.reload}`, { cache: "no-store" });
        const version = await answer.text();
        if (seen !== null && version !== seen) location.reload();
        seen = version;
      } catch { /* the server is away; the page stays */ }
    }, 1000);
  }
})();
