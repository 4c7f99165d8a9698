//! `tls_server_config`: how connections are secured, and whose client certificates may ask.

use std::mem;
use std::path::Path;

use zeroize::Zeroizing;

use super::names::{GROUPS, SUITES, SUITES_OF_TLS13, VERSIONS};
use super::yaml::{Part, presentable};
use crate::terms::{ClientCa, Names, Pair, Text, Tls, Version};

/// The only type that lets nobody in without a certificate of the CA.
const REQUIRED: &str = "RequireAndVerifyClientCert";

/// What is done with client certificates.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Clients {
    /// None is asked for.
    Unasked,
    /// What is shown is not looked at.
    Unverified,
    /// What is shown has to be of the CA.
    Verified,
    /// One has to be shown, and to be of the CA.
    Required,
}

/// How connections are secured, if they are, and the client certificates that are needed, if any.
pub(super) fn read(part: &mut Part, folder: &Path) -> Result<(Option<Tls>, Option<Names>), String> {
    let blank = part.is_blank();
    let [
        cert,
        cert_file,
        key,
        key_file,
        client_ca,
        client_ca_file,
        client_auth_type,
        client_allowed_sans,
        min_version,
        max_version,
        cipher_suites,
        prefer_server_cipher_suites,
        curve_preferences,
    ] = part.fields([
        "cert",
        "cert_file",
        "key",
        "key_file",
        "client_ca",
        "client_ca_file",
        "client_auth_type",
        "client_allowed_sans",
        "min_version",
        "max_version",
        "cipher_suites",
        "prefer_server_cipher_suites",
        "curve_preferences",
    ])?;
    if blank {
        return Ok((None, None));
    }
    // Whose preference counts makes no difference to who can connect; Go does not look at it since 1.17 either.
    prefer_server_cipher_suites.flag()?;
    let pair = match (pem(cert, cert_file, folder)?, pem(key, key_file, folder)?) {
        (Some(certificate), Some(key)) => Pair::Pem { certificate, key },
        (None, _) => return Err(part.wrong("needs cert_file or cert")),
        (_, None) => return Err(part.wrong("needs key_file or key")),
    };
    let ca = pem(client_ca, client_ca_file, folder)?;
    let (client_ca, certificate) = clients(client_auth_type, client_allowed_sans, ca)?;
    let (mut oldest, newest) = versions(min_version, max_version)?;
    let suites = suites(cipher_suites, newest)?;
    if suites.as_ref().is_some_and(Vec::is_empty) {
        // Of TLS 1.2 there is none to agree on.
        oldest = Some(Version::Tls13);
    }
    let tls = Tls {
        pair,
        client_ca,
        oldest,
        newest,
        suites,
        groups: groups(curve_preferences)?,
    };
    Ok((Some(tls), certificate))
}

/// A text that stands in the file itself, or in one that it names.
fn pem(mut inline: Part, mut file: Part, folder: &Path) -> Result<Option<Text>, String> {
    match (inline.text()?, file.text()?) {
        (None, None) => Ok(None),
        (Some(mut text), None) => Ok(Some(Text {
            from: inline.path().to_owned(),
            bytes: Zeroizing::new(mem::take(&mut *text).into_bytes()),
        })),
        (None, Some(name)) => {
            // A name is quoted when there is no such file.
            if name.contains(char::is_control) || name.contains("-----BEGIN") {
                return Err(file.wrong(format!(
                    "must name a file; a PEM text belongs in {}",
                    inline.path()
                )));
            }
            let text = Text::read(file.path(), &folder.join(name.as_str()));
            text.map(Some).map_err(|error| error.to_string())
        }
        (Some(_), Some(_)) => Err(file.wrong(format!("is there twice: {} as well", inline.path()))),
    }
}

/// The CA that what is shown has to be of, and the certificates that are needed.
fn clients(
    mut auth: Part,
    sans: Part,
    ca: Option<Text>,
) -> Result<(Option<ClientCa>, Option<Names>), String> {
    let clients = asked(&mut auth)?;
    let names = names(sans, clients)?;
    match (clients, ca) {
        (Clients::Unasked, Some(_)) => Err(auth.wrong(format!(
            "must say what the client CA is for, such as {REQUIRED}"
        ))),
        (Clients::Required, None) => {
            Err(auth.wrong(format!("{REQUIRED} needs client_ca_file or client_ca")))
        }
        (Clients::Required, Some(ca)) => Ok((Some(ClientCa::Pem(ca)), Some(names))),
        (Clients::Verified, Some(ca)) => Ok((Some(ClientCa::Pem(ca)), None)),
        // Without a CA, Go would look for that of a certificate among the system's; but it would open nothing here.
        (Clients::Verified | Clients::Unasked, None) | (Clients::Unverified, _) => Ok((None, None)),
    }
}

fn asked(part: &mut Part) -> Result<Clients, String> {
    let text = part.text()?;
    match text.as_ref().map(|text| text.as_str()) {
        None | Some("NoClientCert") => Ok(Clients::Unasked),
        Some("RequestClientCert") => Ok(Clients::Unverified),
        Some("VerifyClientCertIfGiven") => Ok(Clients::Verified),
        Some(REQUIRED) => Ok(Clients::Required),
        // The latter is what the toolkit called it once.
        Some(any @ ("RequireAnyClientCert" | "RequireClientCert")) => Err(part.wrong(format!(
            "{any} would let in whoever makes a certificate; it must be {REQUIRED}"
        ))),
        Some(_) => Err(part.wrong(format!(
            "must be NoClientCert, RequestClientCert, VerifyClientCertIfGiven or {REQUIRED}"
        ))),
    }
}

/// Whose certificates are meant.
///
/// Names that lock nobody out are refused. The toolkit takes them: without a certificate it then either looks at no
/// name, or ends the connection in a panic (`VerifyPeerCertificate`, which Go calls also when none is shown).
fn names(mut part: Part, clients: Clients) -> Result<Names, String> {
    let Some(list) = part.list()? else {
        return Ok(Names::Any);
    };
    if list.is_empty() {
        return Err(
            part.wrong("names nobody: without it, every certificate of the client CA will do")
        );
    }
    if clients != Clients::Required {
        return Err(part.wrong(format!("needs client_auth_type {REQUIRED}")));
    }
    let names = list.into_iter().map(|mut part| match part.text()? {
        Some(name) => Ok(name.to_string()),
        None => Err(part.wrong("must be a name")),
    });
    Ok(Names::Alternative(names.collect::<Result<_, _>>()?))
}

/// The oldest and the newest version, as far as they are said.
fn versions(mut min: Part, mut max: Part) -> Result<(Option<Version>, Option<Version>), String> {
    let oldest = version(&mut min)?;
    let newest = match version(&mut max)? {
        None => None,
        Some(None) => return Err(max.wrong("must be TLS12 or TLS13: nothing older is spoken")),
        Some(newest) => newest,
    };
    match oldest {
        None => Ok((None, newest)),
        Some(oldest) => {
            let oldest = oldest.unwrap_or(Version::Tls12);
            match newest {
                Some(newest) if newest < oldest => Err(max.wrong("is older than min_version")),
                newest => Ok((Some(oldest), newest)),
            }
        }
    }
}

/// A version, if one is said; one that is too old to be spoken is `Some(None)`.
#[expect(
    clippy::option_option,
    reason = "one is whether it is said, the other whether it is spoken"
)]
fn version(part: &mut Part) -> Result<Option<Option<Version>>, String> {
    let Some(text) = part.text()? else {
        return Ok(None);
    };
    match VERSIONS.iter().find(|(name, _)| *name == text.as_str()) {
        Some((_, version)) => Ok(Some(*version)),
        None => Err(part.wrong("must be TLS10, TLS11, TLS12 or TLS13")),
    }
}

/// The cipher suites of TLS 1.2, if some are chosen; none of them if only some of TLS 1.3 are named.
fn suites(mut part: Part, newest: Option<Version>) -> Result<Option<Vec<&'static str>>, String> {
    let list = part.list()?.unwrap_or_default();
    if list.is_empty() {
        return Ok(None);
    }
    let mut suites = Vec::new();
    for mut part in list {
        let text = part.text()?.unwrap_or_default();
        if let Some(suite) = SUITES.iter().find(|suite| **suite == text.as_str()) {
            suites.push(*suite);
        } else if !SUITES_OF_TLS13.contains(&text.as_str()) {
            return Err(part.wrong(not_among(&text, "TLS_", &SUITES)));
        }
    }
    if suites.is_empty() && newest == Some(Version::Tls12) {
        return Err(part.wrong("has none of TLS 1.2, and max_version is TLS12"));
    }
    Ok(Some(suites))
}

/// The key exchange groups in their order, if some are chosen.
fn groups(mut part: Part) -> Result<Option<Vec<&'static str>>, String> {
    let list = part.list()?.unwrap_or_default();
    if list.is_empty() {
        return Ok(None);
    }
    let groups = list.into_iter().map(|mut part| {
        let text = part.text()?.unwrap_or_default();
        match GROUPS.iter().find(|(name, _)| *name == text.as_str()) {
            Some((_, group)) => Ok(*group),
            None => Err(part.wrong(not_among(&text, "Curve", &GROUPS.map(|(name, _)| name)))),
        }
    });
    Ok(Some(groups.collect::<Result<_, _>>()?))
}

/// A name that is not among those that there are; it is quoted only if it looks like a name of its kind.
fn not_among(text: &str, kind: &str, names: &[&str]) -> String {
    let names = names.join(", ");
    if text.starts_with(kind) && presentable(text) {
        format!("there is no {text} here; there are {names}")
    } else {
        format!("must be one of {names}")
    }
}
