//! What a study runs: the command typed, or the built-in trainer.

use sweep_settings::{Catalogue, Role};

use super::error::SpecError;
use super::file::SpecFile;
use crate::Study;

impl SpecFile {
    /// The typed axes, including the effective batch size of a command as a rule.
    pub(crate) fn axes_and_batch(&self) -> Vec<String> {
        let batch = self.command.as_ref().and_then(|command| command.batch_is.as_ref());
        // The parentheses turn a single name into a rule.
        let rule = batch.map(|expression| format!("{}=({expression})", Role::Batch.name()));
        self.axes.iter().cloned().chain(rule).collect()
    }

    /// Adds the command to `study`, if there is one; its parameters and settings were typed as `names`.
    ///
    /// # Errors
    /// As [`crate::CommandFile::resolve`], and any key that describes the built-in trainer's data.
    pub(crate) fn take_command(
        &self,
        names: &[String],
        catalogue: &Catalogue,
        study: &mut Study,
    ) -> Result<(), SpecError> {
        let Some(command) = &self.command else { return Ok(()) };
        self.examples_only()?;
        let command = command.resolve(names, catalogue)?;
        study.data = command.script().to_owned();
        study.command = Some(command);
        Ok(())
    }

    /// Refuses keys that describe the built-in trainer's data in a study of a command.
    fn examples_only(&self) -> Result<(), SpecError> {
        let given = [
            ("data", self.data.is_some()),
            ("label", self.label.is_some()),
            ("task", self.task.is_some()),
            ("text", self.text.is_some()),
            ("tokens", self.tokens.is_some()),
            ("length", self.length.is_some()),
            ("split", self.split.is_some()),
        ];
        match given.iter().find(|(_, given)| *given) {
            Some((key, _)) => Err(SpecError::Other(format!(
                "{key} is for the built-in trainer; a command reads its own data"
            ))),
            None => Ok(()),
        }
    }
}
