extension BuiltinApp {
    static let timer = BuiltinApp(
        title: "Focus timer",
        words: [
            "timer", "pomodoro", "focus", "stopwatch", "countdown", "clock", "break", "meditation",
            "minute", "interval",
        ],
        html: """
            <main>
              <h1>{title}</h1>
              <p>One thing, until the ring is full.</p>
              <div id="ring"><output id="time" role="timer">25:00</output></div>
              <div class="row" role="group" aria-label="Minutes">
                <button data-minutes="5">5 min</button>
                <button data-minutes="15">15 min</button>
                <button data-minutes="25" aria-pressed="true">25 min</button>
              </div>
              <div class="row">
                <button id="start" class="main">Start</button>
                <button id="reset">Reset</button>
              </div>
              <p id="news" class="hidden" role="status"></p>
            </main>
            """,
        css: """
            main { text-align: center; }

            #ring {
              display: grid;
              place-items: center;
              width: 11rem;
              height: 11rem;
              margin: 0 auto 1rem;
              border-radius: 50%;
              background:
                radial-gradient(var(--ground) 64%, transparent 65%),
                conic-gradient(var(--accent) var(--part, 0%), var(--line) 0);
            }

            #time { font-size: 2.4rem; font-weight: 650; font-variant-numeric: tabular-nums; }
            .row { display: flex; justify-content: center; gap: 0.5rem; margin-bottom: 0.75rem; }
            [aria-pressed='true'] { border-color: var(--accent); color: var(--accent); }
            """,
        javaScript: """
            const time = document.querySelector('#time');
            const start = document.querySelector('#start');
            const choices = document.querySelectorAll('[data-minutes]');
            let whole = 25 * 60;
            let left = whole;
            let end = 0;
            let ticking = 0;

            function show() {
              const minutes = String(Math.floor(left / 60)).padStart(2, '0');
              time.textContent = `${minutes}:${String(left % 60).padStart(2, '0')}`;
              document.querySelector('#ring').style.setProperty('--part', `${(1 - left / whole) * 100}%`);
              start.textContent = ticking ? 'Pause' : left < whole && left > 0 ? 'Go on' : 'Start';
            }

            function say(words) {
              document.querySelector('#news').textContent = words;
            }

            function stop() {
              clearInterval(ticking);
              ticking = 0;
              show();
            }

            function tick() {
              left = Math.max(0, Math.round((end - Date.now()) / 1000));
              if (left === 0) {
                stop();
                say('The time is over.');
              } else {
                show();
              }
            }

            start.addEventListener('click', () => {
              if (ticking) {
                say('Paused');
                return stop();
              }
              if (left === 0) left = whole;
              end = Date.now() + left * 1000;
              ticking = setInterval(tick, 250);
              say('Started');
              show();
            });

            document.querySelector('#reset').addEventListener('click', () => {
              left = whole;
              stop();
            });

            for (const choice of choices) {
              choice.addEventListener('click', () => {
                for (const other of choices) other.setAttribute('aria-pressed', other === choice);
                whole = left = choice.dataset.minutes * 60;
                stop();
              });
            }

            show();
            """)

    static let split = BuiltinApp(
        title: "Split the bill",
        words: [
            "calculator", "calculate", "tip", "split", "bill", "budget", "price", "cost", "money",
            "expense", "restaurant",
        ],
        html: """
            <main>
              <h1>{title}</h1>
              <p>What each of you pays.</p>
              <div class="field">
                <label for="bill">The bill</label>
                <input id="bill" type="number" min="0" step="0.01" value="86.40" inputmode="decimal">
              </div>
              <div class="field">
                <label for="people">People</label>
                <input id="people" type="number" min="1" max="99" value="3" inputmode="numeric">
              </div>
              <div class="field">
                <label for="tip">Tip: <output id="percent" for="tip">10</output> %</label>
                <input id="tip" type="range" min="0" max="30" value="10">
              </div>
              <section role="status">
                <span>Each pays</span>
                <strong id="each"></strong>
                <span id="whole"></span>
              </section>
            </main>
            """,
        css: """
            .field { display: grid; gap: 0.25rem; margin-bottom: 0.9rem; }
            .field label { font-weight: 600; }
            #tip { padding: 0; accent-color: var(--accent); }

            section {
              display: grid;
              padding: 1rem;
              border-radius: 0.9rem;
              background: var(--accent);
              color: var(--on-accent);
              text-align: center;
            }

            section strong { font-size: 2.2rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
            """,
        javaScript: """
            const field = (name) => document.querySelector(`#${name}`);
            const money = (amount) => amount.toFixed(2);

            function show() {
              const bill = Math.max(0, Number(field('bill').value) || 0);
              const people = Math.max(1, Math.floor(Number(field('people').value) || 1));
              const tip = Number(field('tip').value);
              const whole = bill * (1 + tip / 100);
              field('percent').textContent = tip;
              field('each').textContent = money(Math.ceil((whole / people) * 100 - 1e-9) / 100);
              field('whole').textContent = `${money(whole)} in all, ${money(whole - bill)} of it tip`;
            }

            for (const name of ['bill', 'people', 'tip']) field(name).addEventListener('input', show);
            show();
            """)
}
