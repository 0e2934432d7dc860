#include "redact/built_in_rules.h"

#include <array>

namespace agentaudit {
namespace {

// Unbounded repetitions are cheap here: a match is tried at a keyword and ends with its
// first other byte. Counted ones make large programs.
constexpr auto rules = std::to_array<BuiltInRule>({
    {"private-key", "-----begin",
     R"(-----BEGIN[A-Z0-9 ]* PRIVATE KEY(?: BLOCK)?-----(?:(?:[^-]|-[^-])*?[A-Za-z0-9+/=]{20}(?:[^-]|-[^-])*-----END[A-Z0-9 ]* PRIVATE KEY(?: BLOCK)?-----|(?:\s*[A-Za-z-]+: [^\n]*\n)*(?:\s*[A-Za-z0-9+/=]{20,})+))"},
    {"age-secret-key", "age-secret-key-1", R"((?i)\bAGE-SECRET-KEY-1[0-9A-Z]{50,})"},
    {"jwt", "eyj", R"(\beyJ[\w-]{10,}\.(?:eyJ[\w-]{8,}\.[\w-]*|[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+))"},

    {"aws-access-key-id", "akia asia abia acca",
     R"(\b((?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16})(?:[^A-Za-z0-9+/=]|$))", 2.5},
    {"aws-secret-access-key", "aws_secret secret_access_key secretaccesskey secret-access-key",
     R"((?i)(?:aws_?secret|secret[_-]?access[_-]?key)[a-z_-]*["'\]]*\s*(?:=>|=|:)?\s*["']?([A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|$))",
     3.5},
    {"google-api-key", "aiza", R"(\b(AIza[0-9A-Za-z_-]{35})(?:[^0-9A-Za-z_-]|$))", 3},
    {"google-oauth-token", "ya29. 1//0", R"((?:\bya29\.[0-9A-Za-z_-]{20,}|1//0[0-9A-Za-z_-]{30,}))",
     3},
    {"google-oauth-secret", "gocspx-", R"(\bGOCSPX-[0-9A-Za-z_-]{24,})"},
    {"azure-storage-key", "accountkey sharedaccesskey",
     R"((?i)(?:AccountKey|SharedAccessKey)=([A-Za-z0-9+/]{40,}={0,2}))"},
    {"azure-sas", "?sig= &sig= amp;sig=", R"((?:[?&]|amp;)sig=([A-Za-z0-9%/+_-]{40,}=*))", 3},
    {"digitalocean-token", "dop_v1_ doo_v1_ dor_v1_", R"(\bdo[opr]_v1_[a-f0-9]{64})"},
    {"cloudflare-token", "v1.0-", R"(\bv1\.0-[a-f0-9]{24}-[a-f0-9]{100,})"},

    {"github-token", "ghp_ gho_ ghu_ ghs_ ghr_", R"(\bgh[pousr]_[A-Za-z0-9]{36,})", 3},
    {"github-token", "github_pat_", R"(\bgithub_pat_[A-Za-z0-9_]{60,})", 3},
    {"gitlab-token", "glpat- gldt- glrt- glptt- glcbt- glft- glsoat- glimt- glagent- gloas-",
     R"(\bgl(?:pat|dt|rt|ptt|cbt|ft|soat|imt|agent|oas)-[0-9A-Za-z_.-]{20,})", 3},
    {"bitbucket-token", "atbb", R"(\bATBB[A-Za-z0-9]{28,})", 3},
    {"atlassian-token", "atatt3", R"(\bATATT3[A-Za-z0-9_=-]{100,})"},

    {"anthropic-api-key", "sk-ant-", R"(\bsk-ant-[A-Za-z0-9_-]{24,})", 3},
    {"openrouter-api-key", "sk-or-", R"(\bsk-or-v1-[a-f0-9]{64})"},
    {"openai-api-key", "sk-", R"(\bsk-[A-Za-z0-9_-]{20,})", 3.5, SecretCheck::mixed},
    {"huggingface-token", "hf_ api_org_", R"(\b(?:hf|api_org)_[A-Za-z0-9]{30,})", 3.5},
    {"replicate-token", "r8_", R"(\br8_[A-Za-z0-9]{36,})", 3},
    {"groq-api-key", "gsk_", R"(\bgsk_[A-Za-z0-9]{40,})", 3},
    {"xai-api-key", "xai-", R"(\bxai-[A-Za-z0-9]{60,})", 3},
    {"perplexity-api-key", "pplx-", R"(\bpplx-[A-Za-z0-9]{40,})", 3},
    {"nvidia-api-key", "nvapi-", R"(\bnvapi-[A-Za-z0-9_-]{50,})", 3},
    {"langsmith-api-key", "lsv2_", R"(\blsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10})"},
    {"tavily-api-key", "tvly-", R"(\btvly-[A-Za-z0-9-]{28,})", 3},

    {"slack-token", "xoxa xoxb xoxe xoxo xoxp xoxr xoxs xapp-",
     R"(\b(?:xox[abeoprs]|xapp)[-.][0-9A-Za-z.-]{15,})", 2.5, SecretCheck::mixed},
    {"slack-webhook", "hooks.slack.com/",
     R"((?i)hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9+/]{30,}))", 3},
    {"discord-webhook", "/api/webhooks/", R"(/api/webhooks/\d{15,}/([A-Za-z0-9_-]{60,}))", 3},
    {"telegram-bot-token", ":aa", R"(:(AA[A-Za-z0-9_-]{33})(?:[^A-Za-z0-9_-]|$))", 3,
     SecretCheck::after_digit},
    {"stripe-key", "sk_live_ sk_test_ rk_live_ rk_test_ whsec_",
     R"(\b(?:[rs]k_(?:live|test)|whsec)_[A-Za-z0-9+/=]{16,})", 3},
    {"sendgrid-api-key", "sg.", R"(\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,})", 3},
    {"twilio-key", "twilio",
     R"((?i)twilio[a-z0-9_-]*["'\]]*\s*(?:=>|=|:)\s*["']?((?:SK)?[0-9a-f]{32})\b)"},
    {"mailgun-key", "key-", R"(\bkey-[0-9a-f]{32}\b)"},

    {"npm-token", "npm_", R"(\bnpm_[A-Za-z0-9]{36,})", 3},
    {"pypi-token", "pypi-", R"(\bpypi-[A-Za-z0-9_-]{50,})", 3},
    {"rubygems-token", "rubygems_", R"(\brubygems_[a-f0-9]{48})"},
    {"docker-token", "dckr_pat_ dckr_oat_", R"(\bdckr_[po]at_[A-Za-z0-9_-]{20,})"},
    {"docker-auth", "\"auth\"", R"re("(?i:auth)"\s*:\s*"([A-Za-z0-9+/]{16,}={0,2})")re", 3},
    {"vault-token", "hvs. hvb.", R"(\bhv[sb]\.[A-Za-z0-9_-]{24,})", 3},
    {"terraform-token", ".atlasv1.", R"(\.atlasv1\.([A-Za-z0-9_=-]{60,}))", 3},
    {"pulumi-token", "pul-", R"(\bpul-[a-f0-9]{40})"},
    {"databricks-token", "dapi", R"(\bdapi[0-9a-f]{32})"},
    {"grafana-token", "glsa_ glc_ey", R"(\bgl(?:sa|c)_[A-Za-z0-9_+/=]{32,})", 3},
    {"sentry-token", "sntrys_ sntryu_", R"(\bsntry[su]_[A-Za-z0-9_+/=]{40,})", 3},
    {"supabase-token", "sbp_", R"(\bsbp_[a-f0-9]{40})"},
    {"shopify-token", "shpat_ shpca_ shppa_ shpss_", R"(\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32})"},
    {"postman-key", "pmak-", R"(\bPMAK-[0-9a-f]{24}-[0-9a-f]{34})"},
    {"linear-key", "lin_api_", R"(\blin_api_[A-Za-z0-9]{40})"},
    {"notion-token", "ntn_", R"(\bntn_[A-Za-z0-9]{40,})", 3},
    {"figma-token", "figd_", R"(\bfigd_[A-Za-z0-9_-]{36,})", 3},
    {"tailscale-key", "tskey-", R"(\btskey-[a-z]+-[A-Za-z0-9]+-[A-Za-z0-9]{20,})"},

    {"authorization", "authorization",
     R"((?i)authorization["'\]]*\s*(?:=>|=|:|,)\s*["']?(?:bearer|basic|token|apikey|key)\s+([a-z0-9+/=_.~:-]{8,}))",
     2, SecretCheck::no_word},
    {"authorization", "bearer", R"((?i)\bbearer\s+([a-z0-9+/=_.~-]{16,}))", 3, SecretCheck::mixed},
    {"url-password", "://", R"(://[^\s/:@"'<>\x60]*:([^\s/@"'<>[\]\x60]+)@[A-Za-z0-9\[$])", 0,
     SecretCheck::url_password},

    {"password", "passw passphrase pwd",
     R"re((?i)(?:passw(?:or)?d|passphrase|pwd)[\w.-]*(?:["'\]]*[ \t]*(?:=>|:=|=|:|>)[ \t]*|["']?[\s,]+["']?value["']?[ \t]*[=:][ \t]*)(?:["'\x60]([^\s"'\x60]+)["'\x60]|([^\s"'\x60<>,;&|(){}[\]\\]+)))re",
     0, SecretCheck::named_password},
    {"password", "--passw --pwd -passw",
     R"re((?i)--?(?:passw(?:or)?d|passphrase|pwd)[\w-]*\s+(?:["'\x60]([^\s"'\x60]+)["'\x60]|([^\s"'\x60<>,;&|(){}[\]\\]+)))re",
     0, SecretCheck::named_password},
    {"secret",
     "secret token api_key apikey api-key access_key accesskey access-key auth_key authkey "
     "auth-key private_key privatekey encryption_key signing_key master_key credential",
     R"re((?i)(?:secret|token|(?:api|access|auth|private|encryption|signing|master)[_-]?key|credential)[\w.-]*(?:["'\]]*[ \t]*(?:=>|:=|=|:|>)[ \t]*|["']?[\s,]+["']?value["']?[ \t]*[=:][ \t]*)(?:["'\x60]([^\s"'\x60]+)["'\x60]|([a-z0-9+/=_.~!@#%^*:-]+)))re",
     0, SecretCheck::named_secret},
    {"secret", "--token --secret --api-key --api_key --access --auth",
     R"re((?i)--(?:secret|token|api[_-]key|access[_-]\w+|auth[_-]\w+)[\w-]*\s+(?:["'\x60]([^\s"'\x60]+)["'\x60]|([a-z0-9+/=_.~!@#%^*:-]+)))re",
     0, SecretCheck::named_secret},
});

}  // namespace

std::span<const BuiltInRule> built_in_rules() noexcept { return rules; }

}  // namespace agentaudit
