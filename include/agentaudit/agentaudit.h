// Everything that a program embedding agentaudit needs.
#pragma once

#include "agentaudit/core/event.h"
#include "agentaudit/core/event_json.h"
#include "agentaudit/core/event_reader.h"
#include "agentaudit/core/event_sink.h"
#include "agentaudit/core/filter_list.h"
#include "agentaudit/core/names.h"
#include "agentaudit/core/query.h"
#include "agentaudit/core/result.h"
#include "agentaudit/core/timestamp.h"
#include "agentaudit/emit/buffered_emitter.h"
#include "agentaudit/emit/emitter.h"
#include "agentaudit/emit/nop_emitter.h"
#include "agentaudit/emit/span.h"
#include "agentaudit/store/sqlite_store.h"
#include "agentaudit/store/store.h"
