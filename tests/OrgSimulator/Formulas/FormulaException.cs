namespace OrgSimulator.Formulas;

/// <summary>A formula that the simulator does not understand; the message names the function, the field or the sign.</summary>
public sealed class FormulaException(string message) : Exception(message);
