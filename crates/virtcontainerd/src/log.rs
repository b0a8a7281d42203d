//! The log: libvirt's levels, filters and outputs, which may change while the daemon runs.
//!
//! The events come from `tracing`. What no filter and no output wants is switched off where it would be made, so it
//! costs next to nothing.

mod filter;
mod line;
mod output;
mod sink;

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result};
use tracing::metadata::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber, span};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};
use tracing_subscriber::reload;

pub(crate) use self::filter::{Filters, Priority};
pub(crate) use self::output::{Destination, Outputs};

use self::line::{Line, SpanText};
use self::sink::Sink;

/// The handle of the log.
#[derive(Debug)]
pub(crate) struct Logger {
    handle: reload::Handle<Log, Registry>,
    state: Mutex<State>,
}

/// What is in force.
#[derive(Debug, Clone)]
struct State {
    level: Priority,
    filters: Filters,
    outputs: Outputs,
    /// Where the log goes if nothing is said.
    fallback: Destination,
}

impl Logger {
    /// Starts logging warnings to standard error. To be called once.
    pub(crate) fn start() -> Result<Self> {
        let state = State {
            level: Priority::Warning,
            filters: Filters::default(),
            outputs: Outputs::default(),
            fallback: Destination::Stderr,
        };
        let (layer, handle) = reload::Layer::new(Log::open(&state)?);
        tracing::subscriber::set_global_default(Registry::default().with(layer)).context("log")?;
        Ok(Self { handle, state: Mutex::new(state) })
    }

    /// Sets what the settings say. Outputs are opened anew, files too.
    pub(crate) fn configure(
        &self,
        level: Priority,
        filters: &Filters,
        outputs: &Outputs,
        fallback: Destination,
    ) -> io::Result<()> {
        self.change(|state| {
            *state = State { level, filters: filters.clone(), outputs: outputs.clone(), fallback };
        })
    }

    /// Sets the filters.
    pub(crate) fn set_filters(&self, filters: Filters) -> io::Result<()> {
        self.change(|state| state.filters = filters)
    }

    /// Sets the outputs; none means the default one.
    pub(crate) fn set_outputs(&self, outputs: Outputs) -> io::Result<()> {
        self.change(|state| state.outputs = outputs)
    }

    /// The filters in force.
    pub(crate) fn filters(&self) -> Filters {
        self.state().filters.clone()
    }

    /// The outputs in force.
    pub(crate) fn outputs(&self) -> Outputs {
        self.state().outputs()
    }

    /// An output that cannot be opened leaves everything as it was.
    fn change(&self, change: impl FnOnce(&mut State)) -> io::Result<()> {
        let mut state = self.state();
        let mut next = state.clone();
        change(&mut next);
        let log = Log::open(&next)?;
        self.handle.reload(log).map_err(io::Error::other)?;
        *state = next;
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn outputs(&self) -> Outputs {
        if self.outputs.is_empty() {
            Outputs::only(self.level, self.fallback.clone())
        } else {
            self.outputs.clone()
        }
    }
}

/// The layer that writes.
#[derive(Debug)]
struct Log {
    level: Priority,
    filters: Filters,
    sinks: Vec<(Priority, Sink)>,
    /// The lowest of the sinks' priorities.
    lowest: Priority,
}

impl Log {
    fn open(state: &State) -> io::Result<Self> {
        let mut sinks = Vec::new();
        for output in state.outputs().iter() {
            sinks.push((output.priority, Sink::open(&output.destination)?));
        }
        let lowest = sinks.iter().map(|(priority, _)| *priority).min().unwrap_or(Priority::Error);
        Ok(Self { level: state.level, filters: state.filters.clone(), sinks, lowest })
    }

    fn wants(&self, metadata: &Metadata<'_>) -> bool {
        let least = self.filters.priority(metadata.target()).unwrap_or(self.level);
        Priority::of(*metadata.level()) >= least.max(self.lowest)
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Log {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.wants(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.wants(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        let least = self.filters.lowest().map_or(self.level, |lowest| lowest.min(self.level));
        Some(least.max(self.lowest).as_filter())
    }

    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(SpanText::new(attributes));
        }
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(text) = span.extensions_mut().get_mut::<SpanText>()
        {
            text.record(values);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut around = String::new();
        for span in context.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(text) = span.extensions().get::<SpanText>() {
                around.push_str(text.as_str());
            }
        }
        let line = Line::new(event, &around);
        for (least, sink) in &self.sinks {
            if line.priority >= *least {
                sink.write(&line);
            }
        }
    }
}
