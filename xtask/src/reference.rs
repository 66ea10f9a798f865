//! `cargo xtask reference`: the plugin reference in docs/plugins.md, rendered from the doc comments of `wit/v1`.

use std::fmt::Write;
use std::path::Path;

use wit_parser::{
    Docs, Function, Interface, Resolve, Type, TypeDefKind, TypeId, WorldItem, WorldKey,
};

use crate::failure::Failure;
use crate::workspace;

const CONTRACT: &str = "wit/v1";
const PAGE: &str = "docs/plugins.md";
const BEGIN: &str =
    "<!-- Rendered from wit/v1 by `cargo xtask reference`: change the comments there. -->\n";
const END: &str = "<!-- The reference ends here. -->\n";

/// Writes the reference anew.
pub(crate) fn write(arguments: &[String]) -> Result<(), Failure> {
    if let Some(argument) = arguments.first() {
        return Err(Failure::Usage(format!(
            "`cargo xtask reference` takes no arguments, and {argument:?} was given"
        )));
    }
    let (old, new) = pages()?;
    if old != new {
        std::fs::write(workspace::root().join(PAGE), new)
            .map_err(|error| Failure::Finding(format!("{PAGE}: {error}")))?;
    }
    Ok(())
}

/// Whether the page says what the contract says.
pub(crate) fn check() -> Result<(), Failure> {
    let (old, new) = pages()?;
    if old == new {
        Ok(())
    } else {
        Err(Failure::Finding(format!(
            "the reference in {PAGE} is not that of {CONTRACT}: `cargo xtask reference` renders it anew"
        )))
    }
}

/// The page as it is and as it should be.
fn pages() -> Result<(String, String), Failure> {
    let root = workspace::root();
    let old = std::fs::read_to_string(root.join(PAGE))
        .map_err(|error| Failure::Finding(format!("{PAGE}: {error}")))?;
    let (Some((before, rest)), Some((_, after))) = (old.split_once(BEGIN), old.split_once(END))
    else {
        return Err(Failure::Finding(format!(
            "{PAGE} lacks one of the lines between which the reference stands: {BEGIN}{END}"
        )));
    };
    if !rest.contains(END) {
        return Err(Failure::Finding(format!(
            "{PAGE}: the reference ends before it begins"
        )));
    }
    let reference = render(&root.join(CONTRACT))?;
    let new = format!("{before}{BEGIN}{reference}{END}{after}");
    Ok((old, new))
}

fn render(folder: &Path) -> Result<String, Failure> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve
        .push_dir(folder)
        .map_err(|error| Failure::Finding(format!("{CONTRACT}: {error:#}")))?;
    let mut page = Page {
        resolve: &resolve,
        text: String::new(),
        undocumented: Vec::new(),
    };
    let worlds = resolve.packages.get(package).into_iter();
    for (_, id) in worlds.flat_map(|package| &package.worlds) {
        if let Some(world) = resolve.worlds.get(*id) {
            page.exports(world);
            for (key, item) in &world.imports {
                if let (WorldKey::Interface(_), WorldItem::Interface { id, .. }) = (key, item)
                    && let Some(interface) = resolve.interfaces.get(*id)
                {
                    page.interface(interface);
                }
            }
        }
    }
    if page.undocumented.is_empty() {
        Ok(page.text)
    } else {
        Err(Failure::Finding(format!(
            "{CONTRACT}: without a comment: {}",
            page.undocumented.join(", ")
        )))
    }
}

struct Page<'a> {
    resolve: &'a Resolve,
    text: String,
    undocumented: Vec<String>,
}

impl Page<'_> {
    fn exports(&mut self, world: &wit_parser::World) {
        self.line("\n### What a plugin exports\n");
        for item in world.exports.values() {
            if let WorldItem::Function(function) = item {
                self.function(function, &world.name);
            }
        }
    }

    fn interface(&mut self, interface: &Interface) {
        let name = interface.name.as_deref().unwrap_or_default();
        let docs = self.docs(&interface.docs, name);
        self.line(&format!("\n### `{name}`\n\n{docs}\n"));
        for function in interface.functions.values() {
            self.function(function, name);
        }
        for (type_name, id) in &interface.types {
            self.definition(name, type_name, *id);
        }
    }

    fn function(&mut self, function: &Function, within: &str) {
        let docs = self.docs(&function.docs, &format!("{within}.{}", function.name));
        let parameters: Vec<String> = function
            .params
            .iter()
            .map(|parameter| format!("{}: {}", parameter.name, self.name(&parameter.ty)))
            .collect();
        let result = match &function.result {
            Some(result) => format!(" -> {}", self.name(result)),
            None => String::new(),
        };
        let signature = format!("{}({}){result}", function.name, parameters.join(", "));
        self.line(&format!("- **`{signature}`** — {docs}"));
    }

    fn definition(&mut self, within: &str, name: &str, id: TypeId) {
        let resolve = self.resolve;
        let Some(definition) = resolve.types.get(id) else {
            return;
        };
        // What another interface owns is told there.
        if let TypeDefKind::Type(Type::Id(_)) = definition.kind {
            return;
        }
        let place = format!("{within}.{name}");
        let docs = self.docs(&definition.docs, &place);
        let rows: Vec<(String, String, &Docs)> = match &definition.kind {
            TypeDefKind::Record(record) => record
                .fields
                .iter()
                .map(|field| (field.name.clone(), self.name(&field.ty), &field.docs))
                .collect(),
            TypeDefKind::Variant(variant) => variant
                .cases
                .iter()
                .map(|case| {
                    let holds = case.ty.as_ref().map(|ty| self.name(ty));
                    (case.name.clone(), holds.unwrap_or_default(), &case.docs)
                })
                .collect(),
            TypeDefKind::Enum(choice) => choice
                .cases
                .iter()
                .map(|case| (case.name.clone(), String::new(), &case.docs))
                .collect(),
            TypeDefKind::Type(ty) => {
                let line = format!("\n#### `{name}` = `{}`\n\n{docs}", self.name(ty));
                return self.line(&line);
            }
            _ => Vec::new(),
        };
        let (kind, first) = match &definition.kind {
            TypeDefKind::Record(_) => ("record", "field"),
            TypeDefKind::Variant(_) => ("variant", "case"),
            _ => ("enum", "case"),
        };
        self.line(&format!(
            "\n#### {kind} `{name}`\n\n{docs}\n\n| {first} | type | |\n|---|---|---|"
        ));
        for (row, ty, docs) in rows {
            let docs = self.docs(docs, &format!("{place}.{row}"));
            let ty = if ty.is_empty() {
                String::new()
            } else {
                format!("`{ty}`")
            };
            self.line(&format!("| `{row}` | {ty} | {docs} |"));
        }
    }

    /// A comment as one paragraph. Everything in the contract has one.
    fn docs(&mut self, docs: &Docs, place: &str) -> String {
        match docs.contents.as_deref().map(str::trim) {
            Some(text) if !text.is_empty() => text.split_whitespace().collect::<Vec<_>>().join(" "),
            _ => {
                self.undocumented.push(place.to_owned());
                String::new()
            }
        }
    }

    fn name(&self, ty: &Type) -> String {
        let Type::Id(id) = ty else {
            return primitive(ty).to_owned();
        };
        let Some(definition) = self.resolve.types.get(*id) else {
            return String::new();
        };
        if let Some(name) = &definition.name {
            return name.clone();
        }
        match &definition.kind {
            TypeDefKind::Option(inner) => format!("option<{}>", self.name(inner)),
            TypeDefKind::List(inner) => format!("list<{}>", self.name(inner)),
            TypeDefKind::Result(result) => {
                let side =
                    |side: &Option<Type>| side.as_ref().map_or("_".to_owned(), |ty| self.name(ty));
                format!("result<{}, {}>", side(&result.ok), side(&result.err))
            }
            _ => "tuple".to_owned(),
        }
    }

    fn line(&mut self, text: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{text}");
    }
}

fn primitive(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "bool",
        Type::U8 => "u8",
        Type::U16 => "u16",
        Type::U32 => "u32",
        Type::U64 => "u64",
        Type::S8 => "s8",
        Type::S16 => "s16",
        Type::S32 => "s32",
        Type::S64 => "s64",
        Type::F32 => "f32",
        Type::F64 => "f64",
        Type::Char => "char",
        _ => "string",
    }
}
