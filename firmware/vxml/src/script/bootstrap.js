// Runs once in a new engine. What it returns is reached by the machine alone; scripts see only the globals.
(function (seedHigh, seedLow, offsetMinutes) {
  var global = globalThis;
  // No clock, no waiting, no shared memory.
  delete global.performance;
  delete global.Atomics;
  delete global.SharedArrayBuffer;

  var scopes = new Map();
  var secrets = new WeakMap();
  var create = Object.create, freeze = Object.freeze, define = Object.defineProperty;
  var names = Object.getOwnPropertyNames, owns = Object.prototype.hasOwnProperty;
  var source = Function.prototype.toString, text = String;

  // Math.random: xorshift, seeded by the session.
  var x = (seedHigh ^ 0x2545f491) | 1, y = seedLow | 0;
  Math.random = function random() {
    var t = x ^ (x << 15);
    x = y;
    y = (y ^ (y >>> 9)) ^ (t ^ (t >>> 4));
    return (y >>> 0) / 4294967296;
  };
  for (var warm = 0; warm < 16; warm++) Math.random();

  // Date: the session's wall time, the session's zone.
  var RealDate = Date, now = 0, shift = offsetMinutes * 60000;
  var zoned = /(?:Z|GMT|UTC|[+-]\d\d:?\d\d)\s*(?:\(.*\))?$/i, dateOnly = /^[+-]?\d{4,6}(?:-\d\d){0,2}$/;
  function parse(text) {
    text = String(text).trim();
    if (zoned.test(text) || dateOnly.test(text)) return RealDate.parse(text);
    var iso = RealDate.parse(text + "Z");
    return (iso === iso ? iso : RealDate.parse(text + " GMT")) - shift;
  }
  function SessionDate(first) {
    if (!new.target) return new SessionDate().toString();
    var time = now;
    if (arguments.length === 1) {
      var value = first instanceof RealDate ? first.getTime() : first;
      if (typeof value === "object" && value !== null) value = value.valueOf();
      time = typeof value === "string" ? parse(value) : Number(value);
    } else if (arguments.length > 1) {
      time = RealDate.UTC.apply(RealDate, arguments) - shift;
    }
    return Reflect.construct(RealDate, [time], new.target);
  }
  var proto = RealDate.prototype;
  SessionDate.prototype = proto;
  define(proto, "constructor", { value: SessionDate, writable: true, configurable: true });
  SessionDate.now = function () { return now; };
  SessionDate.parse = parse;
  SessionDate.UTC = RealDate.UTC;
  function local(date) { return new RealDate(date.getTime() + shift); }
  ["FullYear", "Month", "Date", "Day", "Hours", "Minutes", "Seconds", "Milliseconds"].forEach(function (part) {
    var read = proto["getUTC" + part], write = proto["setUTC" + part];
    proto["get" + part] = function () { return read.call(local(this)); };
    if (write) {
      proto["set" + part] = function () {
        var moved = local(this);
        write.apply(moved, arguments);
        return this.setTime(moved.getTime() - shift);
      };
    }
  });
  var utcText = proto.toUTCString;
  proto.getYear = function () { return this.getFullYear() - 1900; };
  proto.getTimezoneOffset = function () { return -offsetMinutes; };
  function two(n) { return (n < 10 ? "0" : "") + n; }
  function zone() {
    var m = Math.abs(offsetMinutes);
    return "GMT" + (offsetMinutes < 0 ? "-" : "+") + two(Math.floor(m / 60)) + two(m % 60);
  }
  proto.toDateString = proto.toLocaleDateString = function () {
    if (isNaN(this.getTime())) return "Invalid Date";
    var t = utcText.call(local(this));
    return t.slice(0, 3) + " " + t.slice(8, 11) + " " + t.slice(5, 7) + " " + t.slice(12, -13);
  };
  proto.toTimeString = proto.toLocaleTimeString = function () {
    if (isNaN(this.getTime())) return "Invalid Date";
    return utcText.call(local(this)).slice(-12, -4) + " " + zone();
  };
  proto.toString = proto.toLocaleString = function () {
    return isNaN(this.getTime()) ? "Invalid Date" : this.toDateString() + " " + this.toTimeString();
  };
  global.Date = SessionDate;

  function refuse() { throw new TypeError("a sensitive value cannot be read, only submitted by POST"); }

  // A secret is an object without members that refuses to become text or a number; the same one each time it comes in.
  var guards = new Map();
  define(global, "%secret", { value: function (number) {
    if (guards.has(number)) return guards.get(number);
    var guard = create(null);
    ["toString", "valueOf", "toJSON", Symbol.toPrimitive].forEach(function (key) { define(guard, key, { value: refuse }); });
    secrets.set(guard, number);
    guards.set(number, guard);
    return freeze(guard);
  } });
  define(global, "%reveal", { value: function (value) {
    var known = typeof value === "object" && value !== null ? secrets.get(value) : undefined;
    return known === undefined ? -1 : known;
  } });

  // Sloppy code: `with` gives the standard's chain of scopes. Made by `Function`, so that documents see none of the
  // names above. Argument 6 is the code, argument 7 a value to store.
  var nest = "with (arguments[0]) with (arguments[1]) with (arguments[2]) with (arguments[3]) " +
    "with (arguments[4]) with (arguments[5]) ";
  var evaluate = Function(nest + "return eval(arguments[6]);");
  var store = Function(nest + "return void eval(arguments[6] + ' = arguments[7]');");
  function chain(ids) {
    var found = ids.map(function (id) { return scopes.get(id); });
    var words = create(null);
    words.session = found[0];
    words.application = found[1];
    words.document = found[2];
    words.dialog = found[3];
    return [words].concat(found);
  }
  var indirect = eval;
  return {
    time: function (ms) { now = ms; },
    make: function (id) { scopes.set(id, create(null)); },
    drop: function (id) { scopes.delete(id); },
    put: function (id, name, value) { scopes.get(id)[name] = value; },
    has: function (id, name) { return owns.call(scopes.get(id), name); },
    get: function (id, name) { return scopes.get(id)[name]; },
    freeze: function (value) { return freeze(value); },
    value: function (ids, code) { return evaluate.apply(undefined, chain(ids).concat([code])); },
    text: function (ids, code) { return text(evaluate.apply(undefined, chain(ids).concat([code]))); },
    truth: function (ids, code) { return !!evaluate.apply(undefined, chain(ids).concat([code])); },
    assign: function (ids, name, code) {
      var all = chain(ids), value = evaluate.apply(undefined, all.concat([code]));
      // Reading first refuses a variable that was never declared.
      evaluate.apply(undefined, all.concat([name]));
      store.apply(undefined, all.concat([name, value]));
    },
    declare: function (ids, id, name, code) {
      scopes.get(id)[name] = evaluate.apply(undefined, chain(ids).concat([code]));
    },
    // Declarations belong to the scope object: the engine says which names the code hoists, functions are made anew
    // inside the chain, then the code runs with all of them in place.
    run: function (ids, id, code) {
      var before = new Set(names(global)), scope = scopes.get(id), all = chain(ids);
      try { indirect("throw 0;\n" + code); } catch (stopped) { if (stopped !== 0) throw stopped; }
      names(global).forEach(function (name) {
        if (before.has(name)) return;
        var hoisted = global[name];
        delete global[name];
        if (typeof hoisted === "function") {
          scope[name] = evaluate.apply(undefined, all.concat(["(" + source.call(hoisted) + "\n)"]));
        } else if (!owns.call(scope, name)) {
          scope[name] = undefined;
        }
      });
      evaluate.apply(undefined, all.concat([code]));
    },
  };
})
