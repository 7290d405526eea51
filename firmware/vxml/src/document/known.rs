//! The attributes each element of VoiceXML and SSML may carry: for the checker, which tells a slip of the pen. A session
//! takes documents with attributes of other makers.

use crate::fault::Fault;
use roxmltree::Node;

use super::reader::Reader;

const FETCH: &[&str] = &["fetchhint", "fetchtimeout", "maxage", "maxstale", "fetchaudio"];
const EVENT: &[&str] = &["event", "eventexpr", "message", "messageexpr"];
const ITEM: &[&str] = &["name", "expr", "cond"];
const SUBMIT: &[&str] = &["namelist", "method", "enctype"];

/// What an element may carry, beside attributes of other namespaces; `None` for elements that are not looked into.
fn known(element: &str) -> Option<(&'static [&'static str], &'static [&'static [&'static str]])> {
    Some(match element {
        "vxml" => (&["version", "application"], &[]),
        "form" => (&["id", "scope"], &[]),
        "menu" => (&["id", "scope", "dtmf", "accept"], &[]),
        "choice" => (&["dtmf", "accept", "next", "expr"], &[FETCH, EVENT]),
        "option" => (&["dtmf", "accept", "value"], &[]),
        "link" => (&["next", "expr", "dtmf"], &[FETCH, EVENT]),
        "field" => (&["type", "slot", "modal"], &[ITEM]),
        "initial" | "block" => (&[], &[ITEM]),
        "subdialog" => (&["src", "srcexpr"], &[ITEM, SUBMIT, FETCH]),
        "transfer" => (
            &["dest", "destexpr", "bridge", "type", "connecttimeout", "maxtime", "transferaudio", "aai", "aaiexpr"],
            &[ITEM],
        ),
        "record" => (&["modal", "beep", "maxtime", "finalsilence", "dtmfterm", "type"], &[ITEM]),
        "object" => (&["classid", "codebase", "codetype", "data", "type", "archive"], &[ITEM, FETCH]),
        "param" => (&["name", "expr", "value", "valuetype", "type"], &[]),
        "filled" => (&["mode", "namelist"], &[]),
        "catch" => (&["event", "count", "cond"], &[]),
        "error" | "help" | "noinput" | "nomatch" => (&["count", "cond"], &[]),
        "property" => (&["name", "value"], &[]),
        "var" | "assign" => (&["name", "expr"], &[]),
        "clear" | "disconnect" => (&["namelist"], &[]),
        "script" => (&["src", "srcexpr", "charset"], &[FETCH]),
        "data" => (&["src", "srcexpr", "name"], &[SUBMIT, FETCH]),
        "if" | "elseif" => (&["cond"], &[]),
        "else" | "reprompt" | "enumerate" => (&[], &[]),
        "foreach" => (&["array", "item"], &[]),
        "goto" => (&["next", "expr", "nextitem", "expritem"], &[FETCH]),
        "submit" => (&["next", "expr"], &[SUBMIT, FETCH]),
        "exit" => (&["expr", "namelist"], &[]),
        "return" => (&["namelist"], &[EVENT]),
        "throw" => (&[], &[EVENT]),
        "log" => (&["label", "expr"], &[]),
        "prompt" => (&["bargein", "bargeintype", "cond", "count", "timeout"], &[]),
        "value" => (&["expr"], &[]),
        "audio" => (&["src", "expr"], &[FETCH]),
        "mark" => (&["name", "nameexpr"], &[]),
        "say-as" => (&["interpret-as", "format", "detail"], &[]),
        "break" => (&["time", "strength", "size"], &[]),
        "sub" => (&["alias"], &[]),
        "s" | "p" => (&[], &[]),
        _ => return None,
    })
}

impl Reader {
    /// The first attribute that its element does not know.
    pub(super) fn check_attributes(&self, root: Node<'_, '_>) -> Result<(), Fault> {
        for node in root.descendants().filter(|node| node.is_element()) {
            let element = node.tag_name().name();
            let Some((own, shared)) = known(element) else { continue };
            let is_known = |name: &str| own.contains(&name) || shared.iter().any(|names| names.contains(&name));
            let unknown =
                node.attributes().find(|attribute| attribute.namespace().is_none() && !is_known(attribute.name()));
            if let Some(attribute) = unknown {
                let what = format!("<{element}> has no attribute {:?}", attribute.name());
                return Err(self.fault(node, what, "mend its name or remove it"));
            }
        }
        Ok(())
    }
}
